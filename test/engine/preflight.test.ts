import { expect, test } from 'vitest';
import type { Plan } from '../../src/engine/plan.ts';
import { requireReady } from '../../src/engine/preflight.ts';
import { file, service } from '../../src/index.ts';
import { planOf } from './plans.ts';

const starting = (unit: string, content = ''): Plan =>
  planOf({ p: [file('/etc/nginx/sites-available/a.conf', { content }), service(unit, { running: true, enabled: true })] });
const held = (port: number, by: string) => ({ readOnly: [], occupants: new Map([[port, by]]) });

test.each<[string, Plan, number]>([
  ['80, where nginx is to start', starting('nginx'), 80],
  ['443, where nginx is to start with HTTPS', starting('nginx', 'server {\n    listen 443 ssl;\n}\n'), 443],
  ['3306, where MariaDB is to start', starting('mariadb'), 3306],
  ['3306, where MySQL is to start', starting('mysql'), 3306],
])('a program of another is named that holds port %s', (_, plan, port) => {
  expect(() => requireReady(plan, held(port, 'other (pid 12)'), 'web')).toThrow(`Port ${port} of web is taken by other (pid 12), so`);
});

test.each<[string, Plan, number]>([
  ['443, where nginx serves HTTP alone', starting('nginx'), 443],
  ['80, where nginx runs already', starting('mariadb'), 80],
  ['3306, where no database is to start', starting('nginx'), 3306],
])('whoever holds port %s is in nobody’s way', (_, plan, port) => {
  expect(() => requireReady(plan, held(port, 'other (pid 12)'), 'web')).not.toThrow();
});
