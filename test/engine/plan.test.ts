import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { turnOf } from '../../src/engine/change-step.ts';
import { handlerId } from '../../src/engine/handler.ts';
import type { Remembered } from '../../src/engine/manifest.ts';
import { fingerprint, type Manifest, manifestOf } from '../../src/engine/manifest.ts';
import { compare, type Plan, withRemovals } from '../../src/engine/plan.ts';
import type { DesiredResource } from '../../src/engine/playbook.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { nameOf } from '../../src/engine/resource-id.ts';
import { Problem } from '../../src/error.ts';
import {
  command,
  directory,
  file,
  group,
  mysqlDatabase,
  mysqlUser,
  packages,
  reload,
  restart,
  Secret,
  secret,
  secretPlace,
  service,
  symlink,
  user,
} from '../../src/index.ts';
import { kinds } from '../../src/resources/index.ts';
import { trixie } from '../playbooks/hosts.ts';

const nothing: Remembered = { others: [], pendingHandlers: [] };
const by = (playbook: string, ...resources: readonly Resource[]): readonly DesiredResource[] =>
  resources.map((resource) => ({ playbook, resource }));

/** A host's record of these resources, created by this program unless `made` says otherwise. */
function manifest(desired: readonly DesiredResource[], made: readonly Resource[] = desired.map(({ resource }) => resource)): Manifest {
  return manifestOf('foobar.com', '1.0.0', desired, new Map(made.map((resource) => [nameOf(resource), undefined])));
}

/** The plan for a host on which the readers printed this, by kind. */
function plan(
  desired: readonly DesiredResource[],
  remembered: Partial<Remembered> = {},
  outputs: Readonly<Record<string, string>> = {},
  allowDestroy = false,
): Plan {
  return compare({
    name: 'foobar.com',
    version: '1.0.0',
    desired,
    remembered: { ...nothing, ...remembered },
    kinds,
    outputs: new Map(Object.entries(outputs)),
    facts: trixie,
    allowDestroy,
  });
}

const told = ({ changes }: Plan) => changes.map(({ action, resource, reason }) => `${action} ${nameOf(resource)} (${reason})`);

/** The file contains the secret as it is on the host, and nobody has changed it. */
test('a file that contains a secret is written again when the run replaces the secret, and it is no drift', () => {
  const sum = (text: string) => createHash('sha256').update(text).digest('hex');
  const environment = '/etc/a/environment';
  const restarted = restart('php-a');
  const resources = (value: string) =>
    by(
      'a',
      secret('a.token', { value: new Secret(value) }),
      file(environment, { content: `T=${secretPlace('a.token')}`, secrets: ['a.token'], notify: restarted }),
    );
  const text = sum('T=one\n');
  const outputs = {
    secret: `${sum('one')}  a.token\n600 a.token\n`,
    file: `0644\troot\troot\tregular file\t${environment}\n${text}  ${environment}\nas\t1\t${environment}\n${text}  1.filled\n`,
  };
  const remembered = { manifest: manifest(resources('one')) };
  expect(told(plan(resources('one'), remembered, outputs))).toEqual([]);
  const rotated = plan(resources('two'), remembered, outputs);
  expect(rotated.changes.map(({ resource, summary, reason }) => [nameOf(resource), summary, reason])).toEqual([
    ['secret:a.token', 'replace with the supplied value', 'update'],
    [`file:${environment}`, 'the new value of a secret', 'update'],
  ]);
  expect(rotated.handlers.map(handlerId)).toEqual(['restart:php-a.service']);
});

const path = '/etc/x.conf';
const old = file(path, { content: 'old' });
const now = file(path, { content: 'now' });
const stat = (sum: string) => `0644\troot\troot\tregular file\t${path}\n${sum}  ${path}\n`;
const someone = { file: stat('a'.repeat(64)) };
/** SHA-256 of "now\n", by sha256sum(1). */
const nowThere = { file: stat('4ebabbd77cf9141d3ec6a774c99442b93c8d6b4850c6f28cb0fdc02e8b239e5f') };

describe('the reason of a change', () => {
  const wants = by('p', now);
  test.each<readonly [string, Partial<Remembered>, Readonly<Record<string, string>>, readonly string[]]>([
    ['never applied, and missing', {}, {}, ['create file:/etc/x.conf (new)']],
    ['never applied, and another exists', {}, someone, ['update file:/etc/x.conf (update)']],
    ['applied, then removed by someone', { manifest: manifest(wants) }, {}, ['create file:/etc/x.conf (drift)']],
    ['applied, then edited by someone', { manifest: manifest(wants) }, someone, ['update file:/etc/x.conf (drift)']],
    ['applied otherwise', { manifest: manifest(by('p', old)) }, someone, ['update file:/etc/x.conf (update)']],
    ['interrupted during its first run', { pending: manifest(wants) }, {}, ['create file:/etc/x.conf (pending)']],
    [
      'interrupted while it updated the file',
      { manifest: manifest(by('p', old)), pending: manifest(wants) },
      someone,
      ['update file:/etc/x.conf (pending)'],
    ],
    [
      'interrupted while drift was repaired',
      { manifest: manifest(wants), pending: manifest(wants) },
      someone,
      ['update file:/etc/x.conf (drift)'],
    ],
    [
      'interrupted with an earlier configuration',
      { manifest: manifest(by('p', old)), pending: manifest(by('p', old)) },
      someone,
      ['update file:/etc/x.conf (update)'],
    ],
    ['another configuration has it', { others: [manifest(wants)] }, {}, ['create file:/etc/x.conf (new)']],
  ])('%s', (_, remembered, outputs, expected) => {
    expect(told(plan(wants, remembered, outputs))).toEqual(expected);
  });

  test('what is as desired is not a change, whatever was recorded', () => {
    for (const remembered of [{}, { manifest: manifest(by('p', old)) }, { pending: manifest(wants) }])
      expect(plan(wants, remembered, nowThere)).toMatchObject({ changes: [], handlers: [], checked: 1 });
  });
});

describe('what was ours and is no longer desired', () => {
  const notify = reload('nginx', { name: 'nginx -t', roots: ['/etc/nginx'], command: sh`nginx -t` });
  const was = by('nginx', file('/etc/nginx/a', { content: 'a', notify }), symlink('/etc/nginx/b', { to: 'a', notify }));
  const outputs = { file: '0644\troot\troot\tregular file\t/etc/nginx/a\n', symlink: 'l\ta\t/etc/nginx/b\n' };

  test('is removed, the last one first, and its handler runs', () => {
    const result = plan([], { manifest: manifest(was) }, outputs);
    expect(told(result)).toEqual(['remove symlink:/etc/nginx/b (update)', 'remove file:/etc/nginx/a (update)']);
    expect(result.handlers).toEqual([{ ...notify, playbook: 'nginx', pending: false }]);
    expect(result.manifest.resources).toEqual({});
  });

  test('is called interrupted if a run had started to remove it', () => {
    expect(told(plan([], { manifest: manifest(was), pending: manifest([]) }, outputs))).toEqual([
      'remove symlink:/etc/nginx/b (pending)',
      'remove file:/etc/nginx/a (pending)',
    ]);
  });

  test('is removed if only an interrupted run had started to create it', () => {
    expect(told(plan([], { pending: manifest(was) }, outputs))).toHaveLength(2);
  });

  test('is ignored if it no longer exists', () => {
    expect(plan([], { manifest: manifest(was) }).changes).toEqual([]);
  });

  test('stays if another configuration has it, or if it is pre-existing', () => {
    expect(plan([], { manifest: manifest(was), others: [manifest(was)] }, outputs).changes).toEqual([]);
    expect(plan([], { manifest: manifest(was, []) }, outputs).changes).toEqual([]);
  });

  test('stays if its kind removes nothing', () => {
    const guarded = by('p', command('c', { run: sh`a`, unless: sh`b` }));
    expect(plan([], { manifest: manifest(guarded) }, {}).checked).toBe(0);
  });

  test('accounts and folders are removed last, the inner folder before the outer', () => {
    const all = by(
      'php',
      group('web'),
      user('web', { home: '/srv/web' }),
      directory('/srv/web'),
      directory('/srv/web/a'),
      file('/srv/web/a/f', { content: '' }),
    );
    const there = {
      group: 'web:x:9:\n',
      user: 'web:x:9:9::/srv/web:/bin/false\nweb:x:9:\n',
      directory: '0755\troot\troot\tdirectory\t/srv/web\n0755\troot\troot\tdirectory\t/srv/web/a\n',
      file: '0644\troot\troot\tregular file\t/srv/web/a/f\n',
    };
    expect(plan([], { manifest: manifest(all) }, there).changes.map(({ resource }) => nameOf(resource))).toEqual([
      'file:/srv/web/a/f',
      'directory:/srv/web/a',
      'directory:/srv/web',
      'user:web',
      'group:web',
    ]);
  });

  test.each([
    'file:relative',
    'file:/etc/../etc/passwd',
    'directory:/',
    'symlink:',
    'user:a b',
    'mysql-database:a`; DROP DATABASE b; --',
    'mysql-user:x\ny',
  ])('is a problem if its name %j is damaged', (name) => {
    const [entry] = Object.values(manifest(was).resources);
    if (!entry) throw new TypeError('the sample has an entry');
    const damaged: Manifest = { ...manifest([]), resources: { [name]: entry } };
    expect(() => withRemovals([], { ...nothing, manifest: damaged }, kinds)).toThrow(Problem);
  });
});

describe('what holds data', () => {
  const shop = by('mysql', mysqlDatabase('shop'));
  const remembered = { manifest: manifest(shop) };
  const outputs = { 'mysql-database': 'shop\n' };

  test('is refused by name, and stays on record', () => {
    const refusing = plan([], remembered, outputs);
    expect(refusing.changes).toEqual([]);
    expect(refusing.refused.map(({ resource }) => nameOf(resource))).toEqual(['mysql-database:shop']);
    expect(refusing.manifest.resources).toEqual(remembered.manifest.resources);
  });

  test('keeps the folders around it and in it, and its owners, until it is removed', () => {
    const all = by(
      'php',
      group('web'),
      user('web', { home: '/srv' }),
      group('other'),
      directory('/srv/site'),
      directory('/srv/site/shared', { owner: 'web', holds: 'data' }),
      directory('/srv/site/shared/tmp', { holds: 'ours' }),
      directory('/srv/site/sharedness', { holds: 'ours' }),
    );
    const there = {
      group: 'web:x:9:\nother:x:8:\n',
      user: 'web:x:9:9::/srv:/bin/false\nweb:x:9:\n',
      directory: ['site', 'site/shared', 'site/shared/tmp', 'site/sharedness']
        .map((path) => `0755\t${path === 'site/shared' ? 'web\tweb' : 'root\troot'}\tdirectory\t/srv/${path}\n`)
        .join(''),
    };
    const refusing = plan([], { manifest: manifest(all) }, there);
    expect(refusing.changes.map(({ resource }) => nameOf(resource))).toEqual(['directory:/srv/site/sharedness', 'group:other']);
    expect(refusing.refused.map(({ resource }) => nameOf(resource))).toEqual(['directory:/srv/site/shared']);
    expect(Object.keys(refusing.manifest.resources).sort()).toEqual([
      'directory:/srv/site',
      'directory:/srv/site/shared',
      'directory:/srv/site/shared/tmp',
      'group:web',
      'user:web',
    ]);
    expect(plan([], { manifest: manifest(all) }, there, true).changes).toHaveLength(7);
  });

  test.each([
    ['stays if other resources stay', by('base', directory('/srv')), []],
    [
      'is removed without permission if it is logs and everything is removed',
      [],
      ['directory:/var/log/php/site', 'directory:/var/log/php'],
    ],
  ])('%s', (_, desired, gone) => {
    const logs = by('php', ...['/var/log/php', '/var/log/php/site'].map((path) => directory(path, { holds: 'ours' })));
    const there = ['/srv', '/var/log/php', '/var/log/php/site'].map((path) => `0755\troot\troot\tdirectory\t${path}\n`).join('');
    const { changes, refused } = plan(desired, { manifest: manifest([...by('base', directory('/srv')), ...logs]) }, { directory: there });
    expect(changes.map(({ resource }) => nameOf(resource)).filter((name) => name.includes('/var/log'))).toEqual(gone);
    expect(refused).toHaveLength(gone.length === 0 ? 2 : 0);
  });

  test('is removed if the user allows it', () => {
    const allowing = plan([], remembered, outputs, true);
    expect(told(allowing)).toEqual(['remove mysql-database:shop (update)']);
    expect(allowing.refused).toEqual([]);
    expect(allowing.manifest.resources).toEqual({});
  });
});

describe('what the host could not report', () => {
  const shop = by('mysql', mysqlUser('shop', { database: 'shop', secret: 's' }));
  const down = { 'mysql-user': 'down\tshop\n' };

  test('is planned if it was never applied', () => {
    expect(told(plan(shop, {}, down))).toEqual(['create mysql-user:shop (new)']);
  });

  test('is assumed to be as last applied', () => {
    expect(plan(shop, { manifest: manifest(shop) }, down).changes).toEqual([]);
  });
});

describe('handlers', () => {
  const reloadNginx = reload('nginx');
  const restartNginx = restart('nginx');
  const reloadPhp = reload('php8.4-fpm');
  const a = file('/etc/a', { content: 'a', notify: reloadNginx });
  const b = file('/etc/b', { content: 'b', notify: [reloadNginx, reloadPhp] });
  const c = file('/etc/c', { content: 'c', notify: restartNginx });
  const nginx = service('nginx', { running: true, enabled: true });
  const stopped = { service: 'Id=nginx.service\nLoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\n' };
  const runs = { service: 'Id=nginx.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n' };
  const off = service('nginx', { running: false, enabled: false });
  const aThere = {
    file: '0644\troot\troot\tregular file\t/etc/a\n87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7  /etc/a\n',
  };

  test.each<readonly [string, readonly DesiredResource[], Partial<Remembered>, Readonly<Record<string, string>>, readonly string[]]>([
    ['run once, however many changes notify them', by('p', a, b), {}, {}, ['reload:nginx.service at p', 'reload:php8.4-fpm.service at p']],
    [
      'run at the end of the last playbook that notifies them',
      [...by('p', a), ...by('q', b)],
      {},
      {},
      ['reload:nginx.service at q', 'reload:php8.4-fpm.service at q'],
    ],
    ['do not run if nothing that notifies them changes', by('p', a), {}, aThere, []],
    ['restart instead of a reload', by('p', a, c), {}, {}, ['restart:nginx.service at p']],
    ['do not run for a unit that the run starts', by('p', a, c, nginx), {}, stopped, []],
    ['run for a unit that runs already', by('p', a, nginx), {}, runs, ['reload:nginx.service at p']],
    ['do not run for a unit that the run stops', by('p', a, off), {}, runs, []],
    [
      'that an interrupted run left pending run, even if nothing changes',
      by('p', a),
      { pendingHandlers: ['reload:nginx.service'] },
      aThere,
      ['reload:nginx.service at p (pending)'],
    ],
    [
      'that are pending and notified again run once',
      by('p', a),
      { pendingHandlers: ['reload:nginx.service'] },
      {},
      ['reload:nginx.service at p'],
    ],
    ['that are pending but no longer desired do not run', [], { pendingHandlers: ['reload:nginx.service'] }, {}, []],
  ])('%s', (_, desired, remembered, outputs, expected) => {
    const { handlers } = plan(desired, remembered, outputs);
    expect(
      handlers.map(({ playbook, pending, ...handler }) => `${handlerId(handler)} at ${playbook}${pending ? ' (pending)' : ''}`),
    ).toEqual(expected);
  });

  test.each<readonly [string, readonly DesiredResource[], Readonly<Record<string, string>>, readonly string[]]>([
    ['a restart clears a reload', by('p', a, c), {}, ['reload:nginx.service']],
    ['a start clears it', by('p', a, nginx), stopped, ['reload:nginx.service']],
    ['a handler that runs clears itself', by('p', a), {}, []],
  ])('pending: %s', (_, desired, outputs, expected) => {
    expect(plan(desired, { pendingHandlers: ['reload:nginx.service'] }, outputs).clearedHandlers).toEqual(expected);
  });
});

describe('the order', () => {
  test('is that of the phases, and within a phase that of the playbooks', () => {
    const desired = [
      ...by('web', service('nginx', { running: true, enabled: true }), file('/etc/b', { content: '' }), directory('/srv/web')),
      ...by('web', ...packages('nginx'), user('web', { home: '/' })),
      ...by('app', symlink('/etc/c', { to: 'b' }), ...packages('tzdata'), group('app')),
    ];
    expect(plan(desired).changes.map(({ resource }) => nameOf(resource))).toEqual([
      'package:nginx',
      'package:tzdata',
      'user:web',
      'group:app',
      'directory:/srv/web',
      'file:/etc/b',
      'symlink:/etc/c',
      'service:nginx.service',
    ]);
  });
});

describe('the next manifest', () => {
  test('records that a run that was rolled back has installed packages', () => {
    const { manifest } = plan(
      by('web', ...packages('nginx', 'git')),
      {},
      {
        package: 'nginx\tinstalled\tinstall\t1\ngit\tinstalled\tinstall\t1\ncame\tnginx\n',
      },
    );
    expect(Object.entries(manifest.resources).map(([name, { made }]) => [name, made])).toEqual([
      ['package:nginx', true],
      ['package:git', false],
    ]);
  });

  test('records what is desired, which of it we created, and what we overwrote', () => {
    const ours = file('/etc/ours', { content: '' });
    const theirs = file('/etc/theirs', { content: 'x' });
    const folder = directory('/srv', { mode: '0700' });
    const earlier = file('/etc/earlier', { content: '' });
    const shared = file('/etc/shared', { content: 'x' });
    const there = (path: string, type = 'regular file') => `0644\troot\troot\t${type}\t${path}\n`;
    const next = plan(
      by('p', ours, theirs, folder, earlier, shared),
      { manifest: manifest(by('p', earlier)), others: [manifest(by('p', shared))] },
      {
        file: [theirs, earlier, shared].map(({ id }) => there(id)).join(''),
        directory: there(folder.id, 'directory'),
      },
    );
    const entry = (resource: Resource, made: boolean, more = {}) => [
      nameOf(resource),
      expect.objectContaining({ made, wanted: fingerprint(resource), ...more }),
    ];
    expect(Object.entries(next.manifest.resources)).toEqual([
      entry(ours, true),
      entry(theirs, true, { remembered: { adopted: true } }),
      entry(folder, false),
      entry(earlier, true),
      entry(shared, true),
    ]);
    const keeps = next.changes.flatMap(({ resource, step }) => (turnOf(step).text.includes('keep_original ') ? [nameOf(resource)] : []));
    expect(keeps).toEqual(['file:/etc/theirs']);
  });
});
