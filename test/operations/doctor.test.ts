import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCode, Problem } from '../../src/error.ts';
import type { Connect } from '../../src/operations/connect.ts';
import { doctor } from '../../src/operations/doctor.ts';
import type { Event, Examined } from '../../src/operations/event.ts';
import { recordingTransport } from '../transport/recording.ts';

const facts = readFileSync(new URL('../facts/recorded/trixie-bare.txt', import.meta.url), 'utf8');

/** Returns doctor's findings about a host, and its result. */
async function examined(connect: Connect, server?: string, configFile?: string, site?: string) {
  const events: Event[] = [];
  const context = { emit: (event: Event) => events.push(event), signal: new AbortController().signal };
  const request = { server, configFile, site, knownHosts: '/dev/null' };
  const result = await doctor(request, connect, context).catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });
  const checks = events.flatMap((event): (Examined & { readonly host?: string | undefined })[] =>
    event.event === 'check' ? [{ ...event.check, host: event.host }] : [],
  );
  return { result, checks, events };
}

test('without a host, only this machine is examined', async () => {
  const { checks, events } = await examined(() => Promise.reject(new TypeError('dialed')));
  expect(checks.map(({ name }) => name)).toEqual(['node', 'ssh']);
  expect(events.at(-1)).toMatchObject({ event: 'note', text: expect.stringContaining('doctor root@host') });
});

test('a failed login is reported with the step that failed', async () => {
  const connect: Connect = async (_, { onMilestone } = {}) => {
    for (const reached of ['connection', 'host key'] as const) onMilestone?.({ reached, host: 'root@host.test', detail: 'well' });
    throw new Problem({ message: 'No key is accepted.', exit: exitCode.unreachable });
  };
  const { result, checks } = await examined(connect, 'root@host.test');
  expect(result).toMatchObject({ exit: 4, message: 'No key is accepted.' });
  expect(checks.slice(-3).map(({ name, state, host }) => [name, state, host])).toEqual([
    ['connection', 'ok', 'root@host.test'],
    ['host key', 'ok', 'root@host.test'],
    ['login', 'missing', 'root@host.test'],
  ]);
});

test('examining a host leaves nothing there, and the connection is closed', async () => {
  const transport = recordingTransport([
    [':', ''],
    [/^rm -rf -- \/var\/tmp/, ''],
    [/#facts/, `${facts}\n#doctor clock\n${Date.now()}\n`],
  ]);
  const connect: Connect = async () => ({ transport, first: Promise.resolve({ stdout: '', stderr: '', code: 0 }) });
  const { checks } = await examined(connect, 'root@host.test');
  expect(checks).toContainEqual(expect.objectContaining({ name: 'system', state: 'ok', host: 'root@host.test' }));
  expect(checks).toContainEqual(expect.objectContaining({ name: 'clock', state: 'ok' }));
  expect(transport.calls.slice(-2).map((call) => ('text' in call ? call.text : call.kind))).toEqual([
    'rm -rf -- /var/tmp/foobar-provision-lists.AbCdEf',
    'close',
  ]);
});

test('every server of a configuration is examined, and having several is reported as not supported yet', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  const file = join(folder, 'foobar.config.json');
  await writeFile(file, JSON.stringify({ servers: { web: ['root@one.test', 'root@two.test'] } }));
  const connect: Connect = async (server) => ({
    transport: recordingTransport([[/./, facts]], server),
    first: Promise.resolve({ stdout: '', stderr: '', code: 0 }),
  });
  const { checks, result } = await examined(connect, undefined, file);
  await rm(folder, { recursive: true });
  expect(checks).toContainEqual(expect.objectContaining({ name: 'servers', state: 'missing', host: undefined }));
  for (const host of ['root@one.test', 'root@two.test']) expect(checks).toContainEqual(expect.objectContaining({ name: 'system', host }));
  expect(result).toMatchObject({ message: expect.stringContaining('servers') });
});

test.each([
  ['b.test', ['ok', undefined], 'b.test'],
  ['c.test', ['missing', 'The configuration has no site c.test.'], undefined],
] as const)('--site %s chooses the site whose names are looked up', async (site, [state, detail], named) => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  const file = join(folder, 'foobar.config.json');
  await writeFile(file, JSON.stringify({ server: 'root@one.test', sites: [{ domain: 'a.test' }, { domain: 'b.test' }] }));
  const connect: Connect = async (server) => ({
    transport: recordingTransport([[/./, facts]], server),
    first: Promise.resolve({ stdout: '', stderr: '', code: 0 }),
  });
  const { checks } = await examined(connect, 'root@one.test', file, site);
  await rm(folder, { recursive: true });
  expect(checks).toContainEqual(expect.objectContaining({ name: 'configuration', state, ...(detail && { detail }) }));
  const dns = checks.filter(({ name }) => name === 'dns').map((check) => check.detail);
  expect(dns).toEqual(named === undefined ? [] : [expect.stringContaining(named)]);
});
