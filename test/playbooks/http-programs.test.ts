import { describe, expect, test } from 'vitest';
import app from '../../playbooks/application/release.ts';
import { command } from '../../playbooks/runtimes/command/command.ts';
import { becoming } from '../../playbooks/runtimes/http-program.ts';
import { accepts } from '../../playbooks/runtimes/node/engine.ts';
import { node } from '../../playbooks/runtimes/node/node.ts';
import { config } from './configs.ts';
import { trixie } from './hosts.ts';
import { contentOf, list } from './list.ts';
import { scopeOf } from './view.ts';

describe('Node.js', () => {
  const wanted = config({ runtime: 'node', node: { start: 'next start "my app"', port: 8080 } });
  const { id } = node.instance(scopeOf(wanted), trixie);
  const own = `/etc/foobar-provision/instances/foobar.com/${id}`;

  test('is the package of the distribution and the module that gives the application its socket', () => {
    expect(list(node.playbook, wanted, trixie)).toEqual([
      'package:nodejs',
      'directory:/usr/local/lib/foobar-provision 0755',
      'file:/usr/local/lib/foobar-provision/listen.cjs 0644',
    ]);
    expect(list(node.playbook, config(), trixie)).toEqual([]);
  });

  test('is started with that module, on the port of the configuration', () => {
    const unit = contentOf(app, wanted, trixie, `${own}/node-foobar.com-${id}@.service`);
    expect(unit).toContain('Environment=PORT=8080\n');
    expect(unit).toContain(
      'ExecStart=/bin/sh -c "NODE_OPTIONS=\\"--require=/usr/local/lib/foobar-provision/listen.cjs $$NODE_OPTIONS\\"; export NODE_OPTIONS; exec env next start \\"my app\\""\n',
    );
  });

  test('has variables that hooks, workers and scheduled commands have as well', () => {
    const environment = contentOf(app, wanted, trixie, `${own}/environment`);
    expect(environment).toContain('NODE_ENV="production"\n');
    expect(environment).toContain('PATH="/srv/www/foobar.com/current/node_modules/.bin:/usr/local/bin:/usr/bin:/bin"\n');
  });

  test.each([
    [undefined, true],
    ['>=18', true],
    ['>=20.5.1', true],
    ['>=22', false],
    ['^20.19.0 || >=22', true],
    ['^18 || ^22', false],
    ['20.x', true],
    ['18.x', false],
    ['>=18 <20', false],
    ['>=18 <21', true],
    ['>=18.0.0 <20.20.0', true],
    ['lts/*', true],
    ['*', true],
  ])('of version 20.19.2 is what %s accepts: %s', (range, expected) => {
    expect(accepts(range, '20.19.2+dfsg-1')).toBe(expected);
  });

  test('that the application does not accept is reported', () => {
    const facts = { ...trixie, packages: { nodejs: { candidate: '20.19.2+dfsg-1' } } };
    const remarks = (engine: string) => node.playbook.remarks?.(scopeOf(config({ runtime: 'node', node: { engine } })), facts);
    expect(remarks('>=18')).toEqual([]);
    expect(remarks('>=22')).toEqual([expect.stringContaining('foobar.com accepts Node.js >=22')]);
  });
});

describe('a command', () => {
  const unitOf = (activated: boolean) => {
    const wanted = config({ runtime: 'command', command: { run: 'PORT=1 ./server --name "100%"', activated } });
    const { id } = command.instance(scopeOf(wanted), trixie);
    return contentOf(app, wanted, trixie, `/etc/foobar-provision/instances/foobar.com/${id}/command-foobar.com-${id}@.service`);
  };

  test('gets its requests from a program of ours', () => {
    expect(list(command.playbook, config({ runtime: 'command' }), trixie)).toEqual([
      'directory:/usr/local/lib/foobar-provision 0755',
      'file:/usr/local/lib/foobar-provision/serve 0755',
      'file:/usr/local/lib/foobar-provision/claim-port 0755',
    ]);
    expect(unitOf(false)).toMatch(/^ExecStartPre=\+\/usr\/local\/lib\/foobar-provision\/claim-port claim %n foobar_com$/m);
    expect(unitOf(false)).toContain('ExecStart=/usr/local/lib/foobar-provision/serve "exec env PORT=1 ./server --name \\"100%%\\""\n');
  });

  test('takes a port of its own choice if the firewall is not ours', () => {
    const facts = { ...trixie, firewall: 'ufw' };
    expect(list(command.playbook, config({ runtime: 'command' }), facts)).toEqual([
      'directory:/usr/local/lib/foobar-provision 0755',
      'file:/usr/local/lib/foobar-provision/serve 0755',
    ]);
  });

  test('that takes its socket from systemd is started by it alone', () => {
    expect(unitOf(true)).not.toContain('claim-port');
    expect(unitOf(true)).toContain('Type=exec\nExecStart=/bin/sh -c "exec env PORT=1 ./server --name \\"100%%\\""\n');
  });
});

test.each([
  ['node server.js', 'exec env node server.js'],
  ['A=1 node server.js', 'exec env A=1 node server.js'],
  ['./migrate && node server.js', './migrate && exec env node server.js'],
  ['cd app; ./server', 'cd app; exec env ./server'],
  ['exec ./server', 'exec ./server'],
  ['./server | tee log', './server | tee log'],
  ['./server &', './server &'],
  ['./server || ./other', './server || ./other'],
  ['if true; then ./server; fi', 'if true; then ./server; fi'],
  ["./server --motd 'a; b'", "exec env ./server --motd 'a; b'"],
])('a shell becomes the program of %s', (given, expected) => {
  expect(becoming(given)).toBe(expected);
});
