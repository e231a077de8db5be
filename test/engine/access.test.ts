import { describe, expect, test } from 'vitest';
import { touchesAccess } from '../../src/engine/access.ts';
import { render } from '../../src/engine/render.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { command, file, nftables, reload, restart, service, sh, symlink, user } from '../../src/index.ts';
import { planOf } from './plans.ts';

const content = 'x';

describe('what may cut off the way in', () => {
  test.each<[string, Resource, boolean]>([
    ['sshd’s configuration', file('/etc/ssh/sshd_config.d/10-x.conf', { content }), true],
    ['somebody’s keys', file('/home/ann/.ssh/authorized_keys', { content }), true],
    ['who may use sudo', file('/etc/sudoers.d/ann', { content }), true],
    ['how one logs in', symlink('/etc/pam.d/sshd', { to: 'x' }), true],
    ['the firewall’s rules', nftables('own', { file: '/etc/x', content }), true],
    ['the firewall itself', service('ufw', { running: true, enabled: true }), true],
    ['sshd', service('ssh', { running: true, enabled: true }), true],
    ['a command that says so', command('c', { run: sh`a`, unless: sh`false`, access: true }), true],
    ['any other command', command('c', { run: sh`a`, unless: sh`false` }), false],
    ['a new account', user('web', { home: '/srv' }), false],
    ['nginx', file('/etc/nginx/x.conf', { content }), false],
    ['a site’s folder whose name looks like it', file('/srv/www/etc/ssh/x', { content }), false],
  ])('%s: %#', (_, resource, expected) => {
    expect(planOf({ p: [resource] }).changes.some(touchesAccess)).toBe(expected);
  });

  test('a handler of sshd does, and one of nginx does not', () => {
    const plan = planOf({ p: [file('/srv/a', { content, notify: [reload('ssh'), restart('nginx')] })] });
    expect(plan.handlers.map((handler) => [handler.id, touchesAccess(handler)])).toEqual([
      ['reload:ssh.service', true],
      ['restart:nginx.service', false],
    ]);
  });
});

describe('the script arms before, and has it proven after', () => {
  const lines = (playbooks: Record<string, readonly Resource[]>) =>
    (render(planOf(playbooks), { id: 'i', base: 'any' }).match(/^(arm|prove|change \d+ .*|handle \d+ .*|commit)$/gm) ?? []).map((line) =>
      line.replace(/^(change|handle) \d+ /, ''),
    );

  test('what is live with a handler, before what follows', () => {
    const sshd = file('/etc/ssh/x', { content, notify: reload('ssh') });
    const later = command('later', { run: sh`a`, unless: sh`false` });
    expect(lines({ one: [sshd, file('/etc/a', { content })], two: [later] })).toEqual([
      'arm',
      'file:/etc/ssh/x',
      'file:/etc/a',
      'arm',
      'reload:ssh.service',
      'prove',
      'command:later',
      'commit',
    ]);
  });

  test('what is live as soon as it is in place', () => {
    expect(lines({ one: [file('/root/.ssh/authorized_keys', { content }), service('nginx', { running: true, enabled: true })] })).toEqual([
      'arm',
      'file:/root/.ssh/authorized_keys',
      'prove',
      'service:nginx.service',
      'commit',
    ]);
  });

  test('nothing, where nothing may cut it off', () => {
    expect(lines({ one: [file('/etc/a', { content })] })).toEqual(['file:/etc/a', 'commit']);
  });
});
