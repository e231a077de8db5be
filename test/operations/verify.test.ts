import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { definePlaybook, tcpCheck } from '../../src/index.ts';
import { verify } from '../../src/operations/verify.ts';
import { closedPort, listen } from '../health/loopback.ts';
import { outcomeOf } from './scenario.ts';

const checking = (...ports: readonly number[]) =>
  definePlaybook({ name: 'web', resources: () => [], health: () => ports.map((port) => tcpCheck({ port })) });

test('every hop is reported, and the exit code is 6 if one fails', async () => {
  const { port, close } = await listen(createServer());
  const host = (...ports: readonly number[]) => ({ playbooks: [checking(...ports)], address: '127.0.0.1' });
  expect(await outcomeOf(host(port), verify)).toMatchObject({
    result: { ok: true, changed: 0, checked: 1, healthy: true, exitCode: 0 },
    told: ['hop: tcp ok'],
    runs: 0,
    isClosed: true,
  });
  expect(await outcomeOf(host(port, await closedPort()), verify)).toMatchObject({
    result: { ok: false, changed: 0, checked: 2, healthy: false, exitCode: 6 },
    told: ['hop: tcp ok', 'hop: tcp not ok'],
    isClosed: true,
  });
  await close();
});
