import { execFile, spawn } from 'node:child_process';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { bundled } from '../../src/bundled/files.ts';
import type { LogEntry } from '../../src/logs/entry.ts';
import type { ParsedLine } from '../../src/logs/lines.ts';
import { type LogFilter, mergeLogs } from '../../src/logs/merge.ts';

const line = (second: number, text: string): ParsedLine => ({
  kind: 'entry',
  entry: { at: new Date(second * 1000), source: 's', level: 'info', text },
});

function merged(filter: Partial<LogFilter>, add: (merge: ReturnType<typeof mergeLogs>) => void): readonly string[] {
  const shown: LogEntry[] = [];
  add(mergeLogs({ count: 100, ...filter }, (entry) => shown.push(entry)));
  return shown.map(({ text }) => text);
}

test('earlier entries come by time, with the lines that belong to them, and later ones at once', () => {
  const texts = merged({}, (merge) => {
    merge.add('0', { kind: 'more', text: 'of an entry that was not read' });
    merge.add('0', line(3, 'three'));
    merge.add('1', line(1, 'one'));
    merge.add('0', { kind: 'more', text: '#0 trace' });
    merge.add('1', line(4, 'four'));
    merge.live();
    merge.add('1', { kind: 'more', text: 'more of four' });
    merge.add('0', line(2, 'late'));
  });
  expect(texts).toEqual(['one', 'three\n#0 trace', 'four', 'more of four', 'late']);
});

test.each<readonly [string, Partial<LogFilter>, readonly string[]]>([
  ['the last ones', { count: 1 }, ['b trace', 'c']],
  ['those since a time', { since: new Date(2000) }, ['b trace', 'c']],
  ['those that match', { matching: /trace/ }, ['b trace']],
])('%s', (_, filter, expected) => {
  const texts = merged(filter, (merge) => {
    merge.add('0', line(1, 'a'));
    merge.add('0', line(2, 'b trace'));
    merge.live();
    merge.add('0', line(3, 'c'));
  });
  expect(texts).toEqual(expected);
});

test('several programs are printed line by line, with their tags', async () => {
  const words = ['once', '0', '3', 'sh', '-c', "printf 'a\\nb'", '1', '2', 'echo', 'c'];
  const { stdout } = await promisify(execFile)('perl', ['-e', bundled('logs/merge.pl'), ...words]);
  expect(stdout.trimEnd().split('\n').toSorted()).toEqual(['0\ta', '0\tb', '1\tc']);
});

test('the program that follows logs reports when the earlier lines have arrived, and ends with its input', async () => {
  const child = spawn('perl', ['-e', bundled('logs/merge.pl'), 'follow', '0', '3', 'sh', '-c', 'echo a; sleep 1; echo b; exec sleep 60']);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await vi.waitFor(() => expect(output).toBe('0\ta\n#live\n0\tb\n'), { timeout: 5000 });
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.stdin.end();
  await ended;
});

test.each([
  ['the logs never pause', 'while :; do echo a; sleep 0.05; done', /^(?:0\ta\n)+#live\n0\ta\n/],
  ['all programs end at once', 'echo a', /^0\ta\n#live\n$/],
])('the earlier lines are shown although %s', async (_, program, expected) => {
  const child = spawn('perl', ['-e', bundled('logs/merge.pl'), 'follow', '0', '3', 'sh', '-c', program]);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await vi.waitFor(() => expect(output).toMatch(expected), { timeout: 10_000 });
  child.stdin.end();
  await ended;
});

test.each([
  ['follow', '4', ['c', 'd', 'e', 'f', 'g']],
  ['follow', '2', ['e', 'f', 'g']],
  ['once', '4', ['c', 'd', 'e', 'f']],
])('right after a rotation, the lines before it count too (%s %s)', async (how, count, expected) => {
  const folder = await mkdtemp(join(tmpdir(), 'rotated-'));
  const log = join(folder, 'access.log');
  await writeFile(`${log}.1`, 'a\nb\nc\nd\n');
  await writeFile(log, 'e\nf\n');
  const child = spawn('sh', ['-c', bundled('logs/file.sh'), 'sh', how, count, log]);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await vi.waitFor(() => expect(output).toMatch(/f\n$/), { timeout: 10_000 });
  await appendFile(log, 'g\n');
  await vi.waitFor(() => expect(output.trimEnd().split('\n')).toEqual(expected), { timeout: 10_000 });
  child.kill();
  await ended;
  await rm(folder, { recursive: true });
});
