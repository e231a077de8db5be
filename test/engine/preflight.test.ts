import { expect, test } from 'vitest';
import type { Plan } from '../../src/engine/plan.ts';
import { requireReady } from '../../src/engine/preflight.ts';
import { service } from '../../src/index.ts';
import { planOf } from './plans.ts';

const starting = (unit: string, ...ports: readonly number[]): Plan =>
  planOf({ p: [service(unit, { running: true, enabled: true, ports })] });
const held = (port: number, by: string) => ({ readOnly: [], portHolders: new Map([[port, by]]) });

test.each<[string, Plan, number]>([
  ['80, where nginx is to start', starting('nginx', 80), 80],
  ['443, where nginx is to start with HTTPS', starting('nginx', 80, 443), 443],
  ['3306, where MariaDB is to start', starting('mariadb', 3306), 3306],
  ['3306, where MySQL is to start', starting('mysql', 3306), 3306],
])('a program of another is named that holds port %s', (_, plan, port) => {
  expect(() => requireReady(plan, held(port, 'other (pid 12)'), 'web')).toThrow(`Port ${port} of web is taken by other (pid 12), so`);
});

test.each<[string, Plan, number]>([
  ['443, where nginx serves HTTP alone', starting('nginx', 80), 443],
  ['80, where nginx runs already', starting('mariadb', 3306), 80],
  ['3306, where no database is to start', starting('nginx', 80, 443), 3306],
])('whoever holds port %s is in nobody’s way', (_, plan, port) => {
  expect(() => requireReady(plan, held(port, 'other (pid 12)'), 'web')).not.toThrow();
});
