import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locked } from '../../src/sandbox/lock.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-lock-'));
});
afterEach(() => rm(directory, { recursive: true }));

const quiet = () => undefined;

test('two actions do not overlap, and a failed one frees the lock', async () => {
  const events: string[] = [];
  const file = join(directory, 'deep/lock');
  const action = (name: string) => async () => {
    events.push(`${name} begins`);
    await sleep(50);
    events.push(`${name} ends`);
    if (name === 'a') throw new Error('a failed');
    return name;
  };
  const first = locked(file, quiet, action('a'));
  await sleep(20);
  const outcomes = await Promise.allSettled([first, locked(file, quiet, action('b'))]);
  expect(outcomes).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 'b' }]);
  expect([events[0]?.at(0), events[1]?.at(0), events[2]?.at(0)]).toEqual([events[0]?.at(0), events[0]?.at(0), events[3]?.at(0)]);
});

test('a wait is reported, and ends when the holder releases the lock', async () => {
  const file = join(directory, 'lock');
  const holder = spawn('flock', ['--no-fork', file, 'sh', '-c', 'echo held; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(holder.stdout, 'data');
  const told: string[] = [];
  const result = await locked(
    file,
    () => {
      told.push('waiting');
      holder.kill('SIGKILL');
    },
    async () => 'done',
  );
  expect({ result, told }).toEqual({ result: 'done', told: ['waiting'] });
});
