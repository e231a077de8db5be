import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import ssh2, { type AuthContext, type ServerChannel } from 'ssh2';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { Secret } from '../../src/command/secret.ts';
import { connect } from '../../src/transport/ssh.ts';
import { parseTarget } from '../../src/transport/target.ts';
import { temporaryIdentity } from './identity.ts';

const { folder, key, identity } = temporaryIdentity('hostile');

const ends: (() => unknown)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const end of ends.splice(0)) end();
});

/** Writes endlessly, as fast as it is read. */
function flood(stream: NodeJS.WritableStream, bytes: Buffer | string): void {
  const chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.repeat(Math.ceil(30_000 / bytes.length)));
  let over = false;
  const more = () => {
    while (!over && stream.write(chunk));
  };
  const end = () => {
    over = true;
  };
  stream.on('drain', more).on('close', end).on('error', end);
  ends.push(end);
  more();
}

/** A server that speaks SSH, accepts every login, and handles commands as the test says. */
async function server(onCommand: (channel: ServerChannel, command: string) => void, login = (context: AuthContext) => context.accept()) {
  const it = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client.on('authentication', login).on('error', () => {});
    client.on('session', (accept) =>
      accept().on('exec', (acceptCommand, _reject, { command }) => {
        const channel = acceptCommand();
        channel.on('error', () => {});
        onCommand(channel, command);
      }),
    );
    ends.push(() => client.end());
  });
  it.listen(0, '127.0.0.1');
  await once(it, 'listening');
  ends.push(() => it.close());
  return (it.address() as AddressInfo).port;
}

/** A server that speaks anything else. */
async function other(onConnection: (socket: Socket) => void) {
  const it = createServer((socket) => {
    socket.on('error', () => {});
    ends.push(() => socket.destroy());
    onConnection(socket);
  });
  it.listen(0, '127.0.0.1');
  await once(it, 'listening');
  ends.push(() => it.close());
  return (it.address() as AddressInfo).port;
}

/** Connects, and measures how far this process grows meanwhile, in megabytes. */
async function reached(port: number, ask?: () => Promise<Secret>) {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  const hostKeys = { accept: 'new', files: [join(folder, `known-${port}`)] } as const;
  const outcome = connect(parseTarget(`root@127.0.0.1:${port}`), { identity, sshConfig: 'none', hostKeys, ask });
  const problem = await outcome.then(
    () => undefined,
    (error: unknown) => error,
  );
  clearInterval(watch);
  return { problem, grown: Math.round((most - before) / 1e6) };
}

const early = /before the login was complete/;

describe('before the login', () => {
  test.each([
    ['endless lines', (socket: Socket) => flood(socket, 'welcome\r\n')],
    ['an endless line', (socket: Socket) => flood(socket, 'welcome')],
    ['bytes of no meaning', (socket: Socket) => flood(socket, Buffer.alloc(30_000, 0xf7))],
    [
      'a version, and bytes of no meaning',
      (socket: Socket) => flood(socket.write('SSH-2.0-x\r\n') ? socket : socket, Buffer.alloc(30_000, 0xf7)),
    ],
    ['half a version', (socket: Socket) => socket.end('SSH-2')],
  ])('%s', async (_, behave) => {
    const { problem, grown } = await reached(await other(behave));
    expect(problem).toMatchObject({ exit: 4, message: expect.stringMatching(early) });
    expect(grown).toBeLessThan(150);
  });

  test('endless questions', async () => {
    let asked = 0;
    const port = await server(
      () => {},
      (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        const again = () => context.prompt({ prompt: 'And now? ', echo: true }, again);
        return again();
      },
    );
    const { problem } = await reached(port, async () => {
      asked += 1;
      return new Secret('yes');
    });
    expect(problem).toMatchObject({ exit: 4, message: expect.stringMatching(/refused the login of root/) });
    expect(asked).toBeLessThan(50);
  });
});

describe('after the login', () => {
  test.each([
    ['standard output', (channel: ServerChannel) => channel],
    ['standard error', (channel: ServerChannel) => channel.stderr],
  ])('endless %s', async (_, streamOf) => {
    const { problem, grown } = await reached(await server((channel) => flood(streamOf(channel), 'y\n')));
    expect(problem).toMatchObject({
      message: expect.stringMatching(/printed more than 64 MiB/),
      details: { hint: expect.stringContaining('.bashrc') },
    });
    expect(grown).toBeLessThan(500);
  });

  test('bytes of no meaning, and an end in the middle of a word', async () => {
    const { problem } = await reached(
      await server((channel) => {
        channel.write(Buffer.from([0xff, 0xfe, 0x1b, 0x5d, 0x30, 0x3b, 0x78, 0x07, 0xc3]));
        channel.stderr.write('0123456789abcdef0123456789abcdef:er');
        channel.exit(0);
        channel.end();
      }),
    );
    expect(problem).toMatchObject({ exit: 4, message: expect.stringMatching(/did not run our command/) });
  });

  test('silence', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const port = await server(() => {
      const hurry = setInterval(() => vi.advanceTimersByTime(10_000), 100);
      ends.push(() => clearInterval(hurry));
    });
    expect(await reached(port)).toMatchObject({
      problem: { exit: 4, message: expect.stringMatching(/did not start our command within 30 s/) },
    });
  });

  test('a connection that ends in the middle of an answer', async () => {
    const port = await server((channel, command) => {
      const text = Buffer.from(command.split(' sh ').at(-1)?.replaceAll(' ', '') ?? '', 'base64').toString();
      const nonce = /[0-9a-f]{32}/.exec(text)?.[0] ?? '';
      channel.write(`${nonce}:out.${nonce}<0.half an ans`);
      channel.stderr.write(`${nonce}:err.${nonce}:err.${nonce}:root.${nonce}<0.`);
      setTimeout(() => {
        for (const end of ends.splice(0)) end();
      }, 50);
    });
    const hostKeys = { accept: 'new', files: [join(folder, 'known')] } as const;
    const { first } = await connect(parseTarget(`root@127.0.0.1:${port}`), { identity, sshConfig: 'none', hostKeys, first: sh`echo` });
    await expect(first).rejects.toMatchObject({ exit: 4, message: expect.stringMatching(/was lost/) });
  });
});
