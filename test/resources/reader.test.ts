import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { turnOf } from '../../src/engine/change-step.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { Problem } from '../../src/error.ts';
import * as make from '../../src/index.ts';
import { kinds } from '../../src/resources/index.ts';
import { trixie } from '../playbooks/hosts.ts';
import { reading } from './table.ts';

// These tests start processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** One resource of every kind, and what its reader printed on a real host in the desired state. */
const samples: readonly (readonly [Resource, string])[] = [
  [make.aptRepository('x', { uris: 'u', suites: 's', components: 'c', key: 'k' }), 'name\tx\nTypes: deb\nkey\nk\n'],
  ...make
    .packages('nginx')
    .map((each): [Resource, string] => [
      each,
      "nginx\tinstalled\tinstall\t1.26\n'http://x/nginx_1%3a1.deb' nginx_1%3a1_amd64.deb 12 SHA256:a\n",
    ]),
  [make.group('web'), 'web:x:993:\n'],
  [make.user('web', { home: '/srv' }), 'web:x:993:993::/srv:/usr/sbin/nologin\nweb:x:993:\n'],
  [make.fleetCertificate('fleet.authority', { purpose: 'authority' }), 'fleet.authority\n'],
  [make.secret('db'), `${'a'.repeat(64)}  db\n600 db\n`],
  [make.directory('/srv'), '0755\troot\troot\tdirectory\t/srv\n'],
  [
    make.file('/etc/x', { content: 'a', secrets: ['db'] }),
    `0644\troot\troot\tregular file\t/etc/x\n${'a'.repeat(64)}  /etc/x\ncoming\t/etc/y\n`,
  ],
  [make.symlink('/etc/x', { to: 'y' }), 'l\ty\t/etc/x\n'],
  [
    make.service('nginx', { running: true, enabled: true }),
    'Id=nginx.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n',
  ],
  [make.nftables('own', { file: '/etc/x', content: 'table inet own {}' }), 'same\town\n'],
  [make.mysqlDatabase('shop'), 'mysql\nshop\n'],
  [make.mysqlTimeZones(), 'zones\t486\ttzdata 1\ttzdata 1\n'],
  [make.mysqlUser('shop', { database: 'shop', secret: 'db' }), "user\tshop\nown\t'shop'@'localhost'\tshop\tSELECT\nlogin\tshop\n"],
  [
    make.release('/srv/r/a', { digest: 'a', site: 's', live: '/srv/l', shared: '/srv/s', links: [], writable: [], user: 'web' }),
    'there\t/srv/r/a\nknown\t/srv/r/a\t/srv/r/a\t/var/r\ndigest\ta\ntouched\tx\nlost\ty\n',
  ],
  [
    make.sharedFolder('a', { release: '/srv/r/a', mount: '/srv/r/a/m', shared: '/srv/s', site: 's', user: 'web' }),
    'mounted\t/srv/s/a\n0755\tweb\tweb\tdirectory\t/srv/s/a\n',
  ],
  [
    make.migrations('shop', {
      database: 'shop',
      user: 'shop',
      secret: 'db',
      owner: 'shop',
      sandbox: [],
      folder: '/srv/m',
      files: [{ name: 'a.sql', digest: 'x' }],
    }),
    'database\tshop\na.sql\n',
  ],
  [make.live('/srv/current', { release: 'a', keep: 5 }), 'releases/a\t/srv/current\n'],
  [make.selfSigned('x.test', { names: ['x.test'] }), 'x.test\tno\tx.test\n'],
  [make.certificate('x.test', { names: ['x.test'], directory: 'd' }), 'x.test\tyes\td\tyes\tx.test\t\n'],
  [make.command('c', { run: sh`a`, unless: sh`b` }), 'done\tc\n'],
];

test('every kind has a sample', () => {
  expect(samples.map(([{ kind }]) => kind).sort()).toEqual([...kinds.keys()].sort());
});

describe.each(samples)('the reader of $kind', (resource, output) => {
  const kind = kinds.get(resource.kind);
  if (!kind) throw new TypeError(`there is no kind ${resource.kind}`);

  test('is POSIX shell', () => {
    const { status, stderr } = spawnSync('dash', ['-n'], { input: reading(kind, resource, resource) });
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
  });

  // Truncated, with lost or repeated lines, and with replaced bytes, as from a broken connection or a strange host.
  const damaged = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom(...output.split(/(?<=[\n\t: ])/), '\n', '\t', '%', '%zz', "'", '\0', 'E: ', '\uFFFD'), { maxLength: 30 })
      .map((parts) => parts.join('')),
    fc
      .tuple(fc.nat(output.length), fc.nat(8), fc.string({ unit: 'binary', maxLength: 4 }))
      .map(([at, length, text]) => output.slice(0, at) + text + output.slice(at + length)),
  );

  test('turns any output into a comparison or a problem', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        try {
          for (const { summary, step } of kind.compare([resource], text, trixie).get(resource.id) ?? []) {
            expect(summary).not.toContain('undefined');
            expect(turnOf(step).kind).toBe('command');
          }
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
      { numRuns: 300 },
    );
  });
});
