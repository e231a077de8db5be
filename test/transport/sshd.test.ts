import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { Secret } from '../../src/command/secret.ts';
import { shellText } from '../../src/command/shell-text.ts';
import { approach, type ConnectOptions, connect } from '../../src/transport/ssh.ts';
import { parseTarget } from '../../src/transport/target.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { makeKeys, missing, type Server, startServer } from './sshd.ts';

const why = missing();
if (why !== undefined) console.log(`The tests against a real sshd are skipped: ${why}.`);

describe.skipIf(why !== undefined)('against a real sshd', () => {
  let keys: ReturnType<typeof makeKeys>;
  let server: Server;
  let inner: Server;
  const open: Transport[] = [];
  let files = 0;

  beforeAll(async () => {
    keys = makeKeys();
    const [plain, locked] = [readFileSync(`${keys.plain}.pub`, 'utf8'), readFileSync(`${keys.locked}.pub`, 'utf8')];
    // A profile that prints and sets a strict umask, as a login shell may have one.
    const noisy = 'command="echo Welcome; echo noise >&2; umask 077; eval \\"$SSH_ORIGINAL_COMMAND\\""';
    [server, inner] = await Promise.all([
      startServer(keys.directory, 'one', plain + locked),
      startServer(keys.directory, 'two', `${noisy} ${plain}`),
    ]);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport.close()));
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), inner?.stop()]);
    keys?.remove();
  });

  function file(content = ''): string {
    files += 1;
    const path = join(keys.directory, `file-${files}`);
    writeFileSync(path, content);
    return path;
  }

  function known(type: 'ed25519' | 'ecdsa' = 'ed25519'): string {
    return `[127.0.0.1]:${server.port} ${server.hostKey(type)}\n`;
  }

  async function login(options: Partial<ConnectOptions> = {}, target = `root@127.0.0.1:${server.port}`) {
    const hostKeys = { accept: 'known', files: [file(known())] } as const;
    const connected = await connect(parseTarget(target), { identity: keys.plain, sshConfig: 'none', hostKeys, ...options });
    open.push(connected.transport);
    return connected;
  }

  describe('host keys', () => {
    test('a known host, by either of its keys', async () => {
      await login();
      await login({ hostKeys: { accept: 'known', files: [file(known('ecdsa'))] } });
    });

    test('an unknown host is refused with its fingerprint, and nothing is recorded', async () => {
      const empty = file();
      const [, base64] = server.hostKey('ed25519').split(' ');
      const print =
        execFileSync('ssh-keygen', ['-lf', '-'], { input: `ssh-ed25519 ${base64}` })
          .toString()
          .split(' ')[1] ?? '?';
      await expect(login({ hostKeys: { accept: 'known', files: [empty] } })).rejects.toMatchObject({
        exit: 4,
        message: expect.stringContaining(print),
        details: { hint: expect.stringContaining('--accept-new') },
      });
      expect(readFileSync(empty, 'utf8')).toBe('');
    });

    test('a new host is recorded for itself alone, and known the next time', async () => {
      const path = join(keys.directory, 'fresh', 'known_hosts');
      await login({ hostKeys: { accept: 'new', files: [path] } });
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(join(keys.directory, 'fresh')).mode & 0o777).toBe(0o700);
      expect(readFileSync(path, 'utf8')).toBe(known());
      await login({ hostKeys: { accept: 'known', files: [path] } });
    });

    test('a new host is recorded hashed if ssh_config says so, after a last line with or without a newline', async () => {
      const path = file('# no newline here');
      const sshConfig = file('HashKnownHosts yes\n');
      await login({ sshConfig, hostKeys: { accept: 'new', files: [path] } });
      expect(readFileSync(path, 'utf8')).toMatch(/^# no newline here\n\|1\|\S+\|\S+ ssh-ed25519 \S+\n$/);
      const found = execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${server.port}`, '-f', path]).toString();
      expect(found).toContain(server.hostKey('ed25519'));
      await login({ hostKeys: { accept: 'known', files: [path] } });
    });

    test('a person is asked, and their answer counts', async () => {
      const asked: unknown[] = [];
      const hostKeys = (answer: boolean): ConnectOptions['hostKeys'] => ({
        accept: 'ask',
        files: [file()],
        ask: async (question) => {
          asked.push(question);
          return answer;
        },
      });
      await login({ hostKeys: hostKeys(true) });
      await expect(login({ hostKeys: hostKeys(false) })).rejects.toMatchObject({ exit: 4 });
      expect(asked[0]).toEqual({
        host: `root@127.0.0.1:${server.port}`,
        type: 'ssh-ed25519',
        fingerprint: expect.stringMatching(/^SHA256:/),
      });
    });

    test.each(['new', 'known', 'ask'] as const)('a changed key is refused, whatever is accepted (%s)', async (accept) => {
      const path = file(`# a line\n[127.0.0.1]:${server.port} ${inner.hostKey('ed25519')}\n`);
      await expect(login({ hostKeys: { accept, files: [path], ask: async () => true } })).rejects.toMatchObject({
        exit: 4,
        message: expect.stringContaining(`${path}:2`),
        details: { hint: expect.stringContaining(`ssh-keygen -R '[127.0.0.1]:${server.port}'`) },
      });
    });

    test('a revoked key is refused', async () => {
      const path = file(`${known()}@revoked * ${server.hostKey('ed25519')}\n`);
      await expect(login({ hostKeys: { accept: 'new', files: [path] } })).rejects.toMatchObject({
        exit: 4,
        message: expect.stringContaining('REVOKED'),
      });
    });
  });

  describe('keys', () => {
    test('a passphrase is asked for, and asked for again if it was wrong', async () => {
      const answers = ['wrong', 'open sesame'];
      const prompts: string[] = [];
      await login({
        identity: keys.locked,
        ask: async (prompt) => {
          prompts.push(prompt);
          return new Secret(answers.shift() ?? '');
        },
      });
      expect(prompts).toEqual([`Passphrase for ${keys.locked}`, `Wrong passphrase. Passphrase for ${keys.locked}`]);
    });

    test('a key with a passphrase that nobody can be asked for', async () => {
      await expect(login({ identity: keys.locked })).rejects.toMatchObject({
        exit: 4,
        message: expect.stringContaining('locked by a passphrase'),
      });
    });

    test('a key file that does not exist is a problem before anything is dialed', async () => {
      await expect(login({ identity: '/nowhere/key' }, 'root@127.0.0.1:1')).rejects.toMatchObject({
        exit: 1,
        message: expect.stringContaining('/nowhere/key'),
      });
    });

    test('the keys that ssh_config names are tried in order, and a key of the agent', async () => {
      const sshConfig = file(`IdentityFile ${keys.stranger}\nIdentityFile ${keys.plain}\nIdentityAgent none\n`);
      await login({ identity: undefined, sshConfig });
      const socket = join(keys.directory, 'agent');
      const [, pid] = /SSH_AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-s', '-a', socket]).toString()) ?? [];
      try {
        execFileSync('ssh-add', ['-q', keys.plain], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
        await login({ identity: undefined, sshConfig: file(`IdentityAgent ${socket}\nIdentityFile none\n`) });
        await expect(
          login({ identity: undefined, sshConfig: file(`IdentityAgent ${socket}\nIdentityFile ${keys.stranger}\nIdentitiesOnly yes\n`) }),
        ).rejects.toMatchObject({
          exit: 4,
        });
      } finally {
        process.kill(Number(pid));
      }
    });

    test('a missing agent is ignored', async () => {
      await login({ identity: undefined, sshConfig: file(`IdentityAgent /nowhere/agent\nIdentityFile ${keys.plain}\n`) });
    });
  });

  test('through a jump host, to a login shell that prints and has a strict umask', async () => {
    const sshConfig = file(
      [
        `Host jump\n  HostName 127.0.0.1\n  Port ${server.port}\n  User root\n  IdentityFile ${keys.plain}`,
        `Host far\n  HostName 127.0.0.1\n  Port ${inner.port}\n  User root\n  ProxyJump jump\n`,
      ].join('\n'),
    );
    const path = file();
    const { transport, first } = await login(
      { sshConfig, first: sh`umask; pwd; echo "$LC_ALL"; echo err >&2`, hostKeys: { accept: 'new', files: [path] } },
      'far',
    );
    expect(await first).toEqual({ stdout: '0022\n/\nC\n', stderr: 'err\n', code: 0 });
    expect(await transport.run(sh`umask; cat; echo err >&2`, { input: 'in' })).toEqual({ stdout: '0022\nin', stderr: 'err\n', code: 0 });
    expect(transport).toMatchObject({ host: 'far', address: '127.0.0.1' });
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(2);
  });

  test('through a command that ssh_config names', async () => {
    const sshConfig = file(
      `ProxyCommand ssh -F none -q -i ${keys.plain} -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p ${server.port} -W %h:%p root@127.0.0.1\n`,
    );
    const { transport } = await login({ sshConfig });
    expect((await transport.script(sh`echo here`)).stdout).toBe('here\n');
  });

  describe('a connection that begins before it is used', () => {
    const begin = (options: Partial<ConnectOptions> = {}) => {
      const hostKeys = { accept: 'known', files: [file(known())] } as const;
      return approach(parseTarget(`root@127.0.0.1:${server.port}`), { identity: keys.plain, sshConfig: 'none', hostKeys, ...options });
    };
    const options = { sshConfig: 'none', hostKeys: { accept: 'known', files: [] } } as const;

    test('is used without another login', async () => {
      const route = begin();
      await route;
      // These options alone would be refused.
      const { transport, first } = await connect(parseTarget('root@127.0.0.1:1'), { ...options, first: sh`echo here` }, route);
      open.push(transport);
      expect((await first).stdout).toBe('here\n');
    });

    test('fails where it is used', async () => {
      const missing = begin({ identity: '/nonexistent' });
      await expect(connect(parseTarget('root@127.0.0.1:1'), options, missing)).rejects.toMatchObject({
        exit: 1,
        message: expect.stringContaining('/nonexistent'),
      });
    });

    test('does not delay an interruption, and is closed', async () => {
      const { link, ...route } = await begin();
      const late = new Promise<void>((resolve) => setTimeout(resolve, 500)).then(() => ({ link, ...route }));
      await expect(connect(parseTarget('root@127.0.0.1:1'), { ...options, signal: AbortSignal.abort() }, late)).rejects.toThrow(
        'Interrupted.',
      );
      expect(link.alive()).toBe(true);
      await vi.waitFor(() => expect(link.alive()).toBe(false), 5000);
    });
  });

  describe('scripts', () => {
    test('the first comes with the session, and every round trip is counted', async () => {
      const { transport, first } = await login({ first: sh`id -u; exit 3` });
      expect(await first).toEqual({ stdout: '0\n', stderr: '', code: 3 });
      expect(transport.roundTrips).toBe(2);
      await transport.script(sh`true`);
      expect(transport.roundTrips).toBe(3);
    });

    test('a first script too long for the command line still runs', async () => {
      const { transport, first } = await login({ first: shellText(`# ${'x'.repeat(200_000)}\necho long`) });
      expect((await first).stdout).toBe('long\n');
      expect(transport.roundTrips).toBe(3);
    });

    test('they run in order, and none ends the session', async () => {
      const { transport } = await login();
      const outputs = await Promise.all(
        ['exit 7', 'if then', "kill -TERM $(sh -c 'echo $PPID')", 'cd /tmp; echo "$(pwd)"', 'pwd'].map((script) =>
          transport.script(shellText(script)),
        ),
      );
      expect(outputs.map(({ stdout, code }) => [stdout, code])).toEqual([
        ['', 7],
        ['', 2],
        ['', 143],
        ['/tmp\n', 0],
        ['/\n', 0],
      ]);
    });

    test('any bytes of any number arrive complete', async () => {
      const { transport } = await login();
      const line = 'aé€😀'.repeat(37);
      const { stdout, stderr } = await transport.script(
        sh`i=0; while [ $i -lt 1000 ]; do echo ${line}; i=$((i+1)); done; head -c 300000 /dev/zero >&2`,
      );
      expect(stdout).toBe(`${line}\n`.repeat(1000));
      expect(stderr).toHaveLength(300_000);
    });

    test('one that takes too long is abandoned, and the next finds a session', async () => {
      const { transport } = await login();
      await expect(transport.script(sh`sleep 5`, { timeout: 0.2 })).rejects.toThrow(/did not finish within 0.2 s/);
      expect((await transport.script(sh`echo again`)).stdout).toBe('again\n');
    });

    test.each([
      ['lines', 'yes'],
      ['a line', 'cat /dev/zero'],
      ['lines of errors', 'yes >&2'],
    ])('endless %s are abandoned, and the next script runs in a new session', async (_, endless) => {
      const { transport } = await login();
      await expect(transport.script(shellText(endless))).rejects.toThrow(/printed more than 64 MiB/);
      const lines: string[] = [];
      await expect(transport.run(shellText(endless), { onLine: (line) => lines.length < 3 && lines.push(line) })).rejects.toThrow(
        /printed more than/,
      );
      expect(lines).toEqual(endless === 'yes' ? ['y', 'y', 'y'] : []);
      expect((await transport.script(sh`echo again`)).stdout).toBe('again\n');
    });

    test('a connection that is lost rejects all calls that wait', async () => {
      const { transport } = await login();
      const waiting = [transport.script(sh`kill -9 $PPID; sleep 5`), transport.script(sh`true`), transport.run(sh`sleep 5`)];
      for (const result of await Promise.allSettled(waiting)) expect(result).toMatchObject({ status: 'rejected', reason: { exit: 4 } });
      await expect(transport.script(sh`true`)).rejects.toMatchObject({ exit: 4, message: expect.stringContaining('lost') });
      await expect(transport.run(sh`true`)).rejects.toMatchObject({ exit: 4 });
      await expect(transport.open({ port: 1 })).rejects.toMatchObject({ exit: 4 });
    });
  });

  describe('channels', () => {
    test('output is followed line by line', async () => {
      const { transport } = await login();
      const lines: string[] = [];
      const output = await transport.run(
        sh`printf 'one\\ntw'; sleep 0.1; printf 'o\\303'; sleep 0.1; printf '\\251\\nlast'; echo err >&2; exit 9`,
        { onLine: (line) => lines.push(line) },
      );
      expect(lines).toEqual(['one', 'twoé', 'last']);
      expect(output).toEqual({ stdout: 'one\ntwoé\nlast', stderr: 'err\n', code: 9 });
    });

    test('fifty megabytes are sent no faster than they are read', async () => {
      const { transport } = await login();
      const chunk = Buffer.alloc(65_536, 'x');
      let sent = 0;
      const input = new Readable({
        read() {
          sent += chunk.length;
          this.push(sent > 50_000_000 ? null : chunk);
        },
      });
      const result = transport.run(sh`sleep 0.3; wc -c`, { input });
      await new Promise((resolve) => setTimeout(resolve, 250));
      expect(sent).toBeLessThan(8_000_000);
      expect(Number((await result).stdout)).toBe(Math.floor(50_000_000 / 65_536) * 65_536);
    });

    test('unread input does not delay the end', async () => {
      const { transport } = await login();
      expect(await transport.run(sh`exit 4`, { input: Buffer.alloc(20_000_000) })).toMatchObject({ code: 4 });
    });

    test('errors are streamed apart from output', async () => {
      const { transport } = await login();
      const [output, errors] = [new PassThrough(), new PassThrough()];
      expect(await transport.run(sh`echo out; echo err >&2; exit 3`, { output, errors })).toEqual({ stdout: '', stderr: '', code: 3 });
      expect([String(output.read()), String(errors.read())]).toEqual(['out\n', 'err\n']);
    });

    test('a terminal has its size, passes keys on, and shows neither the script nor a marker', async () => {
      const { transport } = await login();
      const [input, output] = [new PassThrough(), new PassThrough()];
      let size = { columns: 90, rows: 20 };
      let resized = () => {};
      let isAttached = false;
      const attach = (listener: () => void) => {
        resized = listener;
        isAttached = true;
        return () => {
          isAttached = false;
        };
      };
      let screen = '';
      const shown = (text: string) => vi.waitFor(() => expect(screen).toContain(text), { timeout: 5000 });
      output.on('data', (chunk) => {
        screen += chunk;
      });
      const script = sh`trap 'stty size; exit 5' INT; stty size; echo "$TERM"; cat`;
      const code = transport.inTerminal(script, { type: 'vt100', input, output, size: () => size, attach });
      await shown('20 90');
      size = { columns: 120, rows: 40 };
      resized();
      input.write('typed\n');
      await shown('typed\r\ntyped\r\n');
      input.write('\x03');
      expect(await code).toBe(5);
      expect(screen).toBe('20 90\r\nvt100\r\ntyped\r\ntyped\r\n^C40 120\r\n');
      expect(isAttached).toBe(false);
    });

    test('what is abandoned also ends on the host', async () => {
      const { transport } = await login();
      let pid = '';
      const onLine = (line: string) => {
        pid = line;
      };
      await expect(transport.run(sh`sh -c 'echo $$; exec sleep 60'`, { timeout: 0.2, onLine })).rejects.toThrow(/timed out/);
      // A process that has ended may stay a zombie for a while.
      const runs = `grep -qs '^State:.[^ZX]' /proc/${pid}/status`;
      const gone = `i=0; while ${runs} && [ $i -lt 100 ]; do sleep 0.02; i=$((i+1)); done; ! ${runs}`;
      expect(pid).toMatch(/^\d+$/);
      expect(await transport.script(shellText(gone))).toMatchObject({ code: 0 });
    });

    test('a signal, a deadline, an interruption, broken input', async () => {
      const { transport } = await login();
      expect(await transport.run(sh`kill -KILL $$`)).toMatchObject({ code: 137 });
      await expect(transport.run(sh`sleep 5`, { timeout: 0.1 })).rejects.toThrow(/timed out after 0.1 s/);
      await expect(transport.run(sh`sleep 5`, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ exit: 130 });
      const broken = Readable.from(
        (async function* () {
          yield 'a';
          throw new Error('disk');
        })(),
      );
      await expect(transport.run(sh`cat`, { input: broken })).rejects.toThrow(/could not be read \(disk\)/);
    });
  });

  test('streams to a port and to a socket; an address where nothing listens is a problem', async () => {
    const { transport } = await login();
    const socket = join(keys.directory, 'echo.sock');
    const echo = createServer((peer) => peer.end('hello')).listen(socket);
    await once(echo, 'listening');
    expect(await text(await transport.open({ socket }))).toBe('hello');
    echo.close();
    const stream = await transport.open({ port: server.port });
    const [greeting] = await once(stream, 'data');
    expect(String(greeting)).toMatch(/^SSH-2.0-/);
    stream.destroy();
    await expect(transport.open({ port: 1 })).rejects.toThrow(/does not forward to 127.0.0.1:1/);
  });

  test.each([['DisableForwarding yes'], ['AllowTcpForwarding no'], ['AllowStreamLocalForwarding no']])(
    'streams if sshd has %s',
    async (setting) => {
      const strict = await startServer(keys.directory, setting.replace(' ', '-'), `${readFileSync(`${keys.plain}.pub`, 'utf8')}`, [
        setting,
      ]);
      const socket = join(keys.directory, `${setting.replace(' ', '-')}.sock`);
      // The server echoes, so both directions and the end of each are tested.
      const echo = createServer((peer) => peer.pipe(peer)).listen(socket);
      await once(echo, 'listening');
      try {
        const { transport } = await login({ hostKeys: { accept: 'new', files: [file('')] } }, `root@127.0.0.1:${strict.port}`);
        const stream = await transport.open({ socket });
        stream.end('there and back');
        expect(await text(stream)).toBe('there and back');
        const other = await transport.open({ port: server.port });
        expect(String((await once(other, 'data'))[0])).toMatch(/^SSH-2.0-/);
        other.destroy();
        await expect(transport.open({ port: 1 })).rejects.toThrow(/127.0.0.1:1/);
        await expect(transport.open({ socket: '/nowhere.sock' })).rejects.toMatchObject({ cause: { code: 'ENOENT' } });
        await transport.close();
      } finally {
        echo.close();
        await strict.stop();
      }
    },
  );

  test.each([1, 2])('more commands than MaxSessions %i allows on one connection open more connections', async (most) => {
    const few = await startServer(keys.directory, `sessions-${most}`, readFileSync(`${keys.plain}.pub`, 'utf8'), [
      `MaxSessions ${most}`,
      // Connections are opened one at a time.
      'MaxStartups 1',
      'AllowTcpForwarding no',
    ]);
    try {
      const { transport } = await login({ hostKeys: { accept: 'new', files: [file('')] } }, `root@127.0.0.1:${few.port}`);
      expect(transport.restrictions).toEqual({ fewSessions: false, noForwarding: false });
      const outputs = await Promise.all([1, 2, 3].map((each) => transport.run(sh`cat; sleep 0.3; echo ${each}`, { input: 'in ' })));
      expect(outputs.map(({ stdout }) => stdout)).toEqual(['in 1\n', 'in 2\n', 'in 3\n']);
      const stream = await transport.open({ port: server.port });
      expect(String((await once(stream, 'data'))[0])).toMatch(/^SSH-2.0-/);
      stream.destroy();
      await expect(transport.script(sh`sleep 5`, { timeout: 0.2 })).rejects.toThrow(/did not finish within 0.2 s/);
      expect((await transport.script(sh`echo again`)).stdout).toBe('again\n');
      expect(transport.restrictions).toEqual({ fewSessions: true, noForwarding: true });
    } finally {
      await few.stop();
    }
  });

  test('no listener, no such name, and no SSH server', async () => {
    await expect(login({}, 'root@127.0.0.1:1')).rejects.toMatchObject({ exit: 4, message: expect.stringContaining('refuses') });
    await expect(login({}, 'root@nowhere.invalid')).rejects.toMatchObject({ exit: 4, message: expect.stringMatching(/nowhere.invalid/) });
    const mute = createServer((peer) => peer.end('HTTP/1.0 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const address = mute.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await expect(login({}, `root@127.0.0.1:${port}`)).rejects.toMatchObject({
      exit: 4,
      message: expect.stringContaining('before the login'),
      details: { stderr: 'HTTP/1.0 400 Bad Request' },
    });
    mute.close();
  });

  // This test is last, because a newer sshd penalizes an address after an unknown key.
  test('a key that the host does not know', async () => {
    await expect(login({ identity: keys.stranger })).rejects.toMatchObject({
      exit: 4,
      message: expect.stringMatching(/refused the login of root.*stranger/),
    });
  });
});
