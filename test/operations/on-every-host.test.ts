import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { onEveryHost } from '../../src/operations/on-every-host.ts';

const context = () => ({ emit: () => {}, signal: new AbortController().signal });
const hosts = [{ name: 'one' }, { name: 'two' }];

test('all hosts do a phase at the same time, and it ends with the last of them', async () => {
  const log: string[] = [];
  const done = onEveryHost(hosts, context(), async ({ name }) => {
    log.push(`${name} begins`);
    for (let turns = name === 'one' ? 3 : 1; turns > 0; turns -= 1) await turn();
    log.push(`${name} ends`);
    return name;
  });
  expect(await done.finally(() => log.push('all done'))).toEqual(['one', 'two']);
  expect(log).toEqual(['one begins', 'two begins', 'two ends', 'one ends', 'all done']);
});

test('if it fails on one host, the others are stopped and waited for, and the first failure is thrown', async () => {
  const log: string[] = [];
  const failing = onEveryHost(hosts, context(), async ({ name }, { signal }) => {
    if (name === 'one') throw new RangeError('one has failed');
    while (!signal.aborted) await turn();
    log.push('two has stopped');
    throw signal.reason;
  });
  await expect(failing).rejects.toThrow('one has failed');
  expect(log).toEqual(['two has stopped']);
});

test('an interruption reaches every host', async () => {
  const controller = new AbortController();
  const waiting = onEveryHost(hosts, { ...context(), signal: controller.signal }, async (_, { signal }) => {
    while (!signal.aborted) await turn();
  });
  controller.abort();
  await waiting;
});

test('a single host gets the signal of the operation itself', async () => {
  const given = context();
  expect(await onEveryHost([{ name: 'one' }], given, async (_, own) => own === given)).toEqual([true]);
  expect(await onEveryHost([], given, async () => 1)).toEqual([]);
});
