import { describe, expect, test } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { hostWithEveryRole } from '../../src/config/inventory.ts';
import { Problem } from '../../src/error.ts';
import { type Connect, connectAndSurvey, connectWhileResolving } from '../../src/operations/connect.ts';
import type { Event } from '../../src/operations/event.ts';
import { config } from '../playbooks/configs.ts';
import { recordingTransport } from '../transport/recording.ts';
import { oneFile, opened } from './scenario.ts';

const context = () => ({ emit: (_: Event) => {}, signal: new AbortController().signal });
const answering = (stdout: string) => {
  const transport = recordingTransport([
    [/^rm -rf/, ''],
    [/#facts/, stdout],
  ]);
  const connect: Connect = async (_, { first = sh`:` } = {}) => ({ transport, first: transport.script(await first) });
  return { transport, connect };
};

describe('a session', () => {
  test('begins with one round trip, and reports what it has found', async () => {
    const survey = ['\n#facts last\nrun-0\tservice:nginx.service\n\n#facts leftovers\n3 1100000\n'];
    const { session, events, transport } = await opened({ survey });
    expect(transport.roundTrips).toBe(1);
    expect(session).toMatchObject({ config: { name: 'foobar.com' }, waiting: [], survey: { facts: { version: '13' } } });
    expect(events).toEqual([
      { event: 'connected', host: 'host.test', title: 'Debian GNU/Linux 13 (trixie)' },
      {
        event: 'note',
        host: 'host.test',
        text: expect.stringContaining('The last run here (run-0) was interrupted at service:nginx.service'),
      },
      { event: 'note', host: 'host.test', text: expect.stringContaining('Interrupted runs have left something here (3 paths, 1.1 GB)') },
    ]);
  });

  test('needs a server, and connects to nothing without one', async () => {
    const connect: Connect = () => Promise.reject(new TypeError('dialed'));
    await expect(connectAndSurvey({ config: config(), targets: [], playbooks: [oneFile] }, connect, context())).rejects.toThrow(
      'No server was named.',
    );
  });

  test('is closed at once if the host does not run Linux', async () => {
    const { transport, connect } = answering('Welcome!\n');
    const opening = connectAndSurvey(
      { config: config(), targets: [hostWithEveryRole('host.test')], playbooks: [oneFile] },
      connect,
      context(),
    );
    await expect(opening).rejects.toThrow('did not answer as a Linux host');
    expect(transport.calls.at(-1)).toEqual({ kind: 'close' });
  });

  test('is closed if its survey fails', async () => {
    const { transport } = answering('');
    const connect: Connect = async () => ({ transport, first: Promise.reject(new Problem({ message: 'The link is gone.' })) });
    const opening = connectAndSurvey(
      { config: config(), targets: [hostWithEveryRole('host.test')], playbooks: [oneFile] },
      connect,
      context(),
    );
    await expect(opening).rejects.toThrow('The link is gone.');
    expect(transport.calls).toEqual([{ kind: 'close' }]);
  });
});

describe('while the files are read and the host is connected to', () => {
  test('a problem with the files is reported, and the connection is closed', async () => {
    const { transport } = answering('');
    const connect: Connect = async () => ({ transport, first: Promise.resolve({ stdout: '', stderr: '', code: 0 }) });
    const input = { user: {}, overrides: { server: 'host.test', app: '/nonexistent' } };
    await expect(connectWhileResolving(input, connect, context())).rejects.toThrow('There is no application folder /nonexistent');
    expect(transport.calls).toEqual([{ kind: 'close' }]);
  });

  test('a problem of the code that uses the host meanwhile is reported, and the connection is closed', async () => {
    const { transport } = answering('');
    const connect: Connect = async () => ({ transport, first: Promise.resolve({ stdout: '', stderr: '', code: 0 }) });
    const input = { user: {}, overrides: { server: 'host.test' } };
    const opening = connectWhileResolving(input, connect, context(), {
      onConnected: () => {
        throw new Problem({ message: 'There is no such site.' });
      },
    });
    await expect(opening).rejects.toThrow('There is no such site.');
    expect(transport.calls).toEqual([{ kind: 'close' }]);
  });

  test('a problem with the files is reported before one with the host', async () => {
    const connect: Connect = () => Promise.reject(new Problem({ message: 'Nobody answers.' }));
    const input = { user: {}, overrides: { server: 'host.test', app: '/nonexistent' } };
    await expect(connectWhileResolving(input, connect, context())).rejects.toThrow('There is no application folder');
    await expect(connectWhileResolving({ user: {}, overrides: { server: 'host.test' } }, connect, context())).rejects.toThrow(
      'Nobody answers.',
    );
  });
});
