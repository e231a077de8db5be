import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/engine/plan.ts';
import { requireReady } from '../../src/engine/preflight.ts';
import type { ListenPort } from '../../src/engine/resource.ts';
import { file, reload, service } from '../../src/index.ts';
import { planOf } from './plans.ts';

const starting = (unit: string, ...ports: readonly ListenPort[]): Plan =>
  planOf({ p: [service(unit, { running: true, enabled: true, ports })] });
const held = (port: number, program: string, reachesLoopback = true) => ({ readOnly: [], listeners: [{ port, program, reachesLoopback }] });
const onLoopback = { port: 3306, on: 'loopback' } as const;

test.each<[string, Plan, number]>([
  ['80, if nginx is to start', starting('nginx', 80), 80],
  ['443, if nginx is to start with HTTPS', starting('nginx', 80, 443), 443],
  ['3306, if MariaDB is to start', starting('mariadb', onLoopback), 3306],
  ['3306, if MySQL is to start', starting('mysql', onLoopback), 3306],
])('another program is named if it listens on port %s', (_, plan, port) => {
  expect(() => requireReady(plan, held(port, 'other (pid 12)'), 'web')).toThrow(`Port ${port} of web is taken by other (pid 12), so`);
});

test.each<[string, Plan, number]>([
  ['443, if nginx serves only HTTP', starting('nginx', 80), 443],
  ['80, if nginx already runs', starting('mariadb', onLoopback), 80],
  ['3306, if no database is to start', starting('nginx', 80, 443), 3306],
])('a program does not prevent the run if it listens on port %s', (_, plan, port) => {
  expect(() => requireReady(plan, held(port, 'other (pid 12)'), 'web')).not.toThrow();
});

test.each<[string, Plan, boolean]>([
  ['only on loopback', starting('mariadb', onLoopback), false],
  ['on every address', starting('docker', 3306), true],
])('a listener on another address may conflict with a service that listens %s: %#', (_, plan, isInTheWay) => {
  const check = () => requireReady(plan, held(3306, 'docker-proxy (pid 14)', false), 'web');
  if (isInTheWay) expect(check).toThrow('Port 3306 of web is taken by docker-proxy (pid 14)');
  else expect(check).not.toThrow();
});

describe('a service that runs is reloaded', () => {
  const plan = planOf({
    p: [service('nginx', { running: true, enabled: true, ports: [80, 443] }), file('/etc/a', { content: 'a', notify: reload('nginx') })],
  });
  test('another program holds a port on which it will listen', () => {
    expect(() => requireReady(plan, held(443, 'apache2 (pid 12)'), 'web')).toThrow(
      'Port 443 of web is taken by apache2 (pid 12), so nginx',
    );
  });
  test('it holds its ports itself', () => {
    const { changes } = plan;
    const reloaded = { ...plan, changes: changes.filter(({ resource }) => resource.kind === 'file') };
    expect(reloaded.changes).toHaveLength(1);
    expect(() => requireReady(reloaded, held(80, 'nginx (pid 12)'), 'web')).not.toThrow();
    expect(() => requireReady(reloaded, held(443, 'apache2 (pid 12)'), 'web')).toThrow('so nginx could not listen there');
  });
});
