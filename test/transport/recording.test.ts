import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { recordingTransport } from './recording.ts';

test('scripts are recorded and answered from the table', async () => {
  const transport = recordingTransport([
    ['id', 'root\n'],
    [/^apt/, { code: 100, stderr: 'no' }],
    [(text) => text.includes('tar'), (_text, input) => ({ stdout: `${input.length}\nlast` })],
    ['dies', new Error('gone')],
  ]);
  const lines: string[] = [];
  expect(await transport.script(sh`id`)).toEqual({ stdout: 'root\n', stderr: '', code: 0 });
  expect(await transport.script(sh`apt-get update`)).toEqual({ stdout: '', stderr: 'no', code: 100 });
  await transport.run(sh`tar x`, { input: Readable.from(['ab', 'c']), onLine: (line) => lines.push(line) });
  await expect(transport.script(sh`dies`)).rejects.toThrow('gone');
  await expect(transport.script(sh`unforeseen`)).rejects.toThrow(/no answer is set/);
  await transport.open({ port: 80 });
  await transport.close();
  expect(lines).toEqual(['3', 'last']);
  expect(transport.roundTrips).toBe(7);
  expect(transport.calls).toEqual([
    { kind: 'script', text: 'id' },
    { kind: 'script', text: 'apt-get update' },
    { kind: 'run', text: 'tar x', input: Buffer.from('abc') },
    { kind: 'script', text: 'dies' },
    { kind: 'script', text: 'unforeseen' },
    { kind: 'open', endpoint: { port: 80 } },
    { kind: 'close' },
  ]);
});
