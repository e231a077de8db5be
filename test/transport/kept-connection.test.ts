import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { type ConnectOptions, connect } from '../../src/transport/ssh.ts';
import { parseTarget } from '../../src/transport/target.ts';
import type { Terminal, Transport } from '../../src/transport/transport.ts';
import { makeKeys, missing, type Server, startServer } from './sshd.ts';

const why = missing();
if (why !== undefined) console.log(`The tests of connections that ssh keeps open are skipped: ${why}.`);

describe.skipIf(why !== undefined)('a connection that ssh keeps open', () => {
  let keys: ReturnType<typeof makeKeys>;
  let server: Server;
  let few: Server;
  let cache: string;
  const open: Transport[] = [];

  beforeAll(async () => {
    keys = makeKeys();
    const authorized = readFileSync(`${keys.plain}.pub`, 'utf8');
    [server, few] = await Promise.all([
      startServer(keys.directory, 'server', authorized),
      startServer(keys.directory, 'few', authorized, ['MaxSessions 1']),
    ]);
    for (const [name, { port, hostKey }] of [
      ['server', server],
      ['few', few],
    ] as const) {
      writeFileSync(knownHosts(name), `[127.0.0.1]:${port} ${hostKey('ed25519')}\n`);
      writeFileSync(
        config(name),
        [
          `Host ${name}`,
          'HostName 127.0.0.1',
          `Port ${port}`,
          'User root',
          `IdentityFile ${keys.plain}`,
          `UserKnownHostsFile ${knownHosts(name)}`,
          `ControlPath ${socket(name)}`,
          'ControlPersist yes',
          '',
        ].join('\n'),
      );
    }
  });
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'kept-cache-'));
    vi.stubEnv('XDG_CACHE_HOME', cache);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport.close()));
    for (const name of ['server', 'few']) spawnSync('ssh', ['-F', config(name), '-O', 'exit', name], { stdio: 'ignore' });
    rmSync(cache, { recursive: true });
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), few?.stop()]);
    keys?.remove();
  });

  const knownHosts = (name: string) => join(keys.directory, `known-${name}`);
  const config = (name: string) => join(keys.directory, `config-${name}`);
  const socket = (name: string) => join(keys.directory, `control-${name}`);

  function keepOpen(name: string): void {
    execFileSync('ssh', ['-F', config(name), '-M', '-f', '-N', name], { stdio: 'ignore' });
  }

  /** Logs in to the host, and says on which connection: `direct`, or `kept` if the login was spared. */
  async function login(name: string, options: Partial<ConnectOptions> = {}) {
    const steps: string[] = [];
    const { transport } = await connect(parseTarget(name), {
      sshConfig: config(name),
      hostKeys: { accept: 'known' },
      onMilestone: ({ reached }) => steps.push(reached),
      ...options,
    });
    open.push(transport);
    return { transport, by: steps.includes('login') ? 'direct' : 'kept' };
  }

  async function loginKept(name = 'server'): Promise<Transport> {
    await login(name);
    keepOpen(name);
    const { transport, by } = await login(name);
    expect(by).toBe('kept');
    return transport;
  }

  test('is used once it is known how the user logs in', async () => {
    keepOpen('server');
    expect((await login('server')).by).toBe('direct');
    const { transport, by } = await login('server');
    expect(by).toBe('kept');
    expect(transport.login).toEqual({ user: 'root', by: 'key', hostKey: 'ssh-ed25519' });
    expect(transport.address).toBe('127.0.0.1');
    const { stdout, code } = await transport.script(sh`id -un; exit 7`);
    expect([stdout, code]).toEqual(['root\n', 7]);
  });

  test.each<[string, Partial<ConnectOptions> | (() => Partial<ConnectOptions>)]>([
    ['names a key', () => ({ identity: keys.plain })],
    ['names its known hosts', () => ({ hostKeys: { accept: 'known', files: [knownHosts('server')] } })],
    ['must log in', { direct: true }],
  ])('is not used by a command that %s', async (_, options) => {
    await loginKept();
    expect((await login('server', typeof options === 'function' ? options() : options)).by).toBe('direct');
  });

  test('is not used by a new login that proves that a login works', async () => {
    const transport = await loginKept();
    spawnSync('ssh', ['-F', config('server'), '-O', 'exit', 'server'], { stdio: 'ignore' });
    keepOpen('server');
    const again = await transport.again();
    open.push(again);
    const parents = await Promise.all([transport, again].map((each) => each.script(sh`echo "$SSH_CONNECTION"`).catch(() => undefined)));
    expect(parents[1]?.stdout).toMatch(/^127\.0\.0\.1 \d+ /);
    expect(parents[1]?.stdout).not.toBe(parents[0]?.stdout);
  });

  test('is ignored if its process has ended, does not answer, uses another protocol, or belongs to another user', async () => {
    await login('server');
    const answers = [undefined, '', 'HTTP/1.1 200 OK'];
    for (const answer of answers) {
      const impostor = createServer((stream) => void (answer && stream.write(answer))).listen(socket('server'));
      await once(impostor, 'listening');
      if (answer === undefined) impostor.close();
      expect((await login('server')).by).toBe('direct');
      impostor.close();
      rmSync(socket('server'), { force: true });
    }
    keepOpen('server');
    chownSync(socket('server'), 65534, 65534);
    expect((await login('server')).by).toBe('direct');
    chownSync(socket('server'), 0, 0);
    expect((await login('server')).by).toBe('kept');
  });

  test('carries input, output, errors and exit codes', async () => {
    const transport = await loginKept();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 251));
    const counted = await transport.run(sh`wc -c; echo error >&2; exit 3`, { input: bytes });
    expect(counted).toEqual({ stdout: `${bytes.length}\n`, stderr: 'error\n', code: 3 });
    const lines: string[] = [];
    await transport.run(sh`seq 5`, { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['1', '2', '3', '4', '5']);
    expect((await transport.run(sh`exit 255`)).code).toBe(255);
    await expect(transport.run(sh`sleep 30`, { timeout: 0.3 })).rejects.toThrow(/timed out after 0.3 s/);
  });

  test('carries streams to ports and to sockets', async () => {
    const transport = await loginKept();
    for (const endpoint of [{ port: server.port }, { port: server.port, host: '127.0.0.1' }]) {
      const stream = await transport.open(endpoint);
      expect(String((await once(stream, 'data'))[0])).toMatch(/^SSH-2.0-/);
      stream.destroy();
      await once(stream, 'close');
    }
    const path = join(keys.directory, 'greets');
    const greets = createServer((stream) => void stream.end('hello')).listen(path);
    await once(greets, 'listening');
    const stream = await transport.open({ socket: path });
    expect(String((await once(stream, 'data'))[0])).toBe('hello');
    stream.destroy();
    greets.close();
  });

  test('is not used for a terminal', async () => {
    const transport = await loginKept();
    const shown: Buffer[] = [];
    const terminal: Terminal = {
      type: 'xterm',
      size: () => ({ columns: 77, rows: 22 }),
      input: Readable.from([]),
      output: new Writable({
        write(chunk, _encoding, done) {
          shown.push(chunk);
          done();
        },
      }),
      attach: () => () => undefined,
    };
    expect(await transport.inTerminal(sh`stty size; exit 5`, terminal)).toBe(5);
    expect(Buffer.concat(shown).toString()).toContain('22 77');
  });

  test('that accepts no further command is replaced by a new login', async () => {
    await login('few');
    keepOpen('few');
    const other = spawn('ssh', ['-F', config('few'), 'few', 'echo begun; exec sleep 20'], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(other.stdout, 'data');
    const { transport, by } = await login('few');
    expect(by).toBe('kept');
    const { stdout } = await transport.script(sh`echo works`);
    expect(stdout).toBe('works\n');
    expect(transport.restrictions.fewSessions).toBe(true);
    other.kill();
  });

  test('that is lost ends the commands on it with a reason, and one that works stays open afterwards', async () => {
    const transport = await loginKept();
    await transport.close();
    await delay(100);
    expect(spawnSync('ssh', ['-F', config('server'), '-O', 'check', 'server'], { stdio: 'ignore' }).status).toBe(0);
    const { transport: other } = await login('server');
    const lost = expect(other.run(sh`echo begun; sleep 20`)).rejects.toThrow('The connection to server was lost.');
    await delay(500);
    spawnSync('ssh', ['-F', config('server'), '-O', 'exit', 'server'], { stdio: 'ignore' });
    await lost;
  });

  test('ends a stream immediately when it is no longer used', async () => {
    const transport = await loginKept();
    const waits: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const stream = await transport.open({ port: server.port });
      const ended = once(stream, 'close');
      const start = performance.now();
      stream.destroy();
      await ended;
      waits.push(performance.now() - start);
    }
    expect(Math.min(...waits)).toBeLessThan(150);
  });
});
