import { describe, expect, test } from 'vitest';
import { handlerId } from '../../src/engine/handler.ts';
import { isAccessUnit, touchesAccess } from '../../src/engine/lockout.ts';
import { type RenderOptions, render } from '../../src/engine/render.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { command, file, nftables, reload, restart, service, sh, symlink, user } from '../../src/index.ts';
import { planOf } from './plans.ts';

const content = 'x';

describe('what may close SSH access', () => {
  test.each<[string, Resource, boolean]>([
    ['sshd’s configuration', file('/etc/ssh/sshd_config.d/10-x.conf', { content }), true],
    ['somebody’s keys', file('/home/ann/.ssh/authorized_keys', { content }), true],
    ['who may use sudo', file('/etc/sudoers.d/ann', { content }), true],
    ['the settings of logins', symlink('/etc/pam.d/sshd', { to: 'x' }), true],
    ['the firewall’s rules', nftables('own', { file: '/etc/x', content }), true],
    ['the firewall itself', service('ufw', { running: true, enabled: true }), true],
    ['sshd', service('ssh', { running: true, enabled: true }), true],
    ['a command that is marked so', command('c', { run: sh`a`, unless: sh`false`, access: true }), true],
    ['any other command', command('c', { run: sh`a`, unless: sh`false` }), false],
    ['a new account', user('web', { home: '/srv' }), false],
    ['nginx', file('/etc/nginx/x.conf', { content }), false],
    ['a site’s folder whose name looks like it', file('/srv/www/etc/ssh/x', { content }), false],
  ])('%s: %#', (_, resource, expected) => {
    expect(planOf({ p: [resource] }).changes.some(touchesAccess)).toBe(expected);
  });

  test('a handler of sshd may, and one of nginx may not', () => {
    const plan = planOf({ p: [file('/srv/a', { content, notify: [reload('ssh'), restart('nginx')] })] });
    expect(plan.handlers.map((handler) => [handlerId(handler), isAccessUnit(handler.unit)])).toEqual([
      ['reload:ssh.service', true],
      ['restart:nginx.service', false],
    ]);
  });
});

describe('the script changes access settings last, armed before and proven after', () => {
  const lines = (playbooks: Record<string, readonly Resource[]>, more: Partial<RenderOptions> = {}) =>
    (
      render(planOf(playbooks), { id: 'i', base: 'any', ...more }).match(
        /^(if arm_guard; then|require_proof|change \d+ .*|handle \d+ .*|HELD=export.*|commit)$/gm,
      ) ?? []
    ).map((line) => line.replace(/^(change|handle) \d+ /, ''));

  test('with their handlers, when everything else is live', () => {
    const sshd = file('/etc/ssh/x', { content, notify: reload('ssh') });
    const later = command('later', { run: sh`a`, unless: sh`false` });
    expect(lines({ one: [sshd, file('/etc/a', { content })], two: [later] })).toEqual([
      'file:/etc/a',
      'command:later',
      'if arm_guard; then',
      'file:/etc/ssh/x',
      'reload:ssh.service',
      'require_proof',
      'commit',
    ]);
  });

  test('with a handler that only they notify, and not with one that others notify too', () => {
    const [pam, web] = [restart('pam'), restart('web')];
    const settings = file('/etc/pam.d/x', { content, notify: [pam, web] });
    expect(lines({ one: [settings, file('/etc/a', { content, notify: web })] })).toEqual([
      'file:/etc/a',
      'restart:web.service',
      'if arm_guard; then',
      'file:/etc/pam.d/x',
      'restart:pam.service',
      'require_proof',
      'commit',
    ]);
  });

  const sshdAlone = { one: [file('/etc/ssh/x', { content, notify: reload('ssh') }), file('/etc/a', { content })] };
  test.each<[NonNullable<RenderOptions['access']>, readonly string[]]>([
    ['proven', ['file:/etc/a', 'file:/etc/ssh/x', 'reload:ssh.service', 'commit']],
    ['held', ['file:/etc/a', "HELD=export HELD_TEXT='Nobody was there to prove them.'", 'commit']],
  ])('where they are %s', (access, expected) => {
    expect(lines(sshdAlone, { access })).toEqual(expected);
  });

  test('if they are not live, the host keeps its earlier record of them', () => {
    const script = render(planOf(sshdAlone), { id: 'i', base: 'any' });
    const held = JSON.parse(/manifest_held\(\) \{\n.*\n(.*)/.exec(script)?.[1] ?? '');
    expect([held.held, Object.keys(held.resources)]).toEqual([{ 'file:/etc/ssh/x': true }, ['file:/etc/a']]);
  });

  test('with files that have an effect as soon as they are in place', () => {
    expect(lines({ one: [file('/root/.ssh/authorized_keys', { content }), service('nginx', { running: true, enabled: true })] })).toEqual([
      'service:nginx.service',
      'if arm_guard; then',
      'file:/root/.ssh/authorized_keys',
      'require_proof',
      'commit',
    ]);
  });

  test('nothing, if no change may close SSH access', () => {
    expect(lines({ one: [file('/etc/a', { content })] })).toEqual(['file:/etc/a', 'commit']);
  });
});
