import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, expect, test } from 'vitest';
import { sh } from '../../src/command/command.ts';
import { Secret } from '../../src/command/secret.ts';
import { commandLine } from '../../src/transport/shell-protocol.ts';
import { connect } from '../../src/transport/ssh.ts';
import { parseTarget } from '../../src/transport/target.ts';
import { temporaryIdentity } from './identity.ts';

const { folder, key, identity } = temporaryIdentity('session');

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function program(name: string, text: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

/** Starts an SSH server that runs each command with sh, and finds `id` and `sudo` in the test's folder. Returns its port. */
async function startServer(): Promise<number> {
  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client.on('authentication', (context) => context.accept()).on('error', () => {});
    client.on('session', (accept) =>
      accept().on('exec', (acceptCommand, _reject, { command }) => {
        const words = command.split(' sh ').at(-1) ?? '';
        const text = Buffer.from(words.replaceAll(' ', ''), 'base64').toString().replaceAll('PATH=/', `PATH=${folder}:/`);
        const shell = spawn('sh', ['-c', commandLine(text)], { env: { PATH: `${folder}:${process.env.PATH}` } });
        ends.push(() => shell.kill());
        const channel = acceptCommand();
        channel.on('error', () => {}).pipe(shell.stdin.on('error', () => {}));
        shell.stdout.pipe(channel, { end: false });
        shell.stderr.pipe(channel.stderr, { end: false });
        shell.on('close', (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
      }),
    );
    ends.push(() => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const refusesWithoutQuestion = `[ "$1" != -n ] || { echo 'sudo: a password is required' >&2; exit 1; }`;
const reads = `printf %s "$3" >&2; read -r password; [ "$password" = pw ] || { echo 'Sorry, try again.' >&2; exit 1; }`;
const sudo = {
  silent: 'shift; exec "$@"',
  password: `${refusesWithoutQuestion}\n${reads}\nshift 3; exec "$@"`,
  approval: `${refusesWithoutQuestion}\necho 'A push was sent to your phone.' >&2\nshift 3; exec "$@"`,
  refusing: `echo 'sudo: a password is required' >&2; exit 1`,
};

test.each([
  ['sudo without a password', sudo.silent, 'required', 'by sudo', true],
  ['sudo with a password', sudo.password, 'required', 'by sudo, with its password', true],
  ['sudo that asks on another device', sudo.approval, 'required', 'by sudo', true],
  ['sudo without a password, preferred', sudo.silent, 'preferred', 'by sudo', true],
  ['sudo with a password, preferred', sudo.password, 'preferred', 'not needed', false],
  ['no rights, preferred', sudo.refusing, 'preferred', 'not needed', false],
] as const)('%s: the first script, a later one and one on a channel of its own run', async (_, text, root, detail, isRoot) => {
  program('sudo', text);
  program('id', `case $1 in -u) echo 1000 ;; *) echo 'bob sudo' ;; esac`);
  const reached: string[] = [];
  const port = await startServer();
  const { transport, first } = await connect(parseTarget(`bob@127.0.0.1:${port}`), {
    identity,
    sshConfig: 'none',
    hostKeys: { accept: 'new', files: [join(folder, `known-${port}`)] },
    sudoPassword: async () => new Secret('pw'),
    root,
    first: sh`echo first; echo error >&2`,
    onMilestone: (milestone) => void (milestone.reached === 'root' && reached.push(milestone.detail ?? '')),
  });
  expect(await first).toEqual({ stdout: 'first\n', stderr: 'error\n', code: 0 });
  expect(await transport.script(sh`echo later`)).toMatchObject({ stdout: 'later\n', code: 0 });
  expect(await transport.run(sh`cat`, { input: 'input' })).toMatchObject({ stdout: 'input', code: 0 });
  expect(reached).toEqual([detail]);
  expect(transport.isRoot).toBe(isRoot);
  await transport.close();
});
