import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { filesFolder } from '../../../src/bundled/files.ts';

const listen = join(filesFolder, 'runtimes/node/listen.cjs');

/** Holds a socket at a path, like systemd, and becomes the program in the arguments after it. */
const activate = `use Socket; use Fcntl; use POSIX ();
my $path = shift; socket(my $s, PF_UNIX, SOCK_STREAM, 0); bind($s, sockaddr_un($path)) or die $!; listen($s, 9);
if (fileno($s) != 3) { POSIX::dup2(fileno($s), 3) }
open(my $passed, '<&=', 3); fcntl($passed, F_SETFD, 0);
$ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$; exec @ARGV;`;

let folder = '';
let running: ChildProcess | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'listen-'));
});
afterEach(() => {
  running?.kill('SIGKILL');
  rmSync(join(folder, 'http.sock'), { force: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(program: string): Promise<string> {
  writeFileSync(join(folder, 'program.cjs'), program);
  const words = ['-e', activate, join(folder, 'http.sock'), process.execPath, '--require', listen, join(folder, 'program.cjs')];
  running = spawn('perl', words, { env: { ...process.env, PORT: '3999' }, stdio: ['ignore', 'ignore', 'pipe'] });
  return running.stderr ? text(running.stderr) : Promise.resolve('');
}

function ask(): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: join(folder, 'http.sock'), timeout: 10_000 }, (answer) => text(answer).then(resolve, reject));
    asked.on('error', reject);
    asked.end();
  });
}

const server = "const { createServer } = require('node:http'); const server = createServer((q, r) => r.end(said(q)));";

describe('an application of Node.js has its socket', () => {
  test.each([
    ['if it asks for the port as a text', `${server} const said = () => 'text'; server.listen(process.env.PORT);`, 'text'],
    [
      'if it asks for it as a number',
      `${server} const said = () => 'number'; server.listen(Number(process.env.PORT), '0.0.0.0');`,
      'number',
    ],
    ['if it asks with options', `${server} const said = () => 'options'; server.listen({ port: 3999, host: 'localhost' });`, 'options'],
    [
      'and believes that it is its port',
      `${server} const said = (q) => JSON.stringify([server.address(), q.socket.remoteAddress]); server.listen(3999);`,
      '[{"address":"127.0.0.1","family":"IPv4","port":3999},"127.0.0.1"]',
    ],
    [
      'once, if it listens on two addresses',
      `${server} const said = () => 'first'; server.listen(3999, '127.0.0.1');
createServer((q, r) => r.end('second')).listen(3999, '::1');`,
      'first',
    ],
    [
      'in the workers of a cluster',
      `const cluster = require('node:cluster');
if (cluster.isPrimary) cluster.fork();
else { ${server} const said = () => 'worker'; server.listen(3999); }`,
      'worker',
    ],
  ])('%s', async (_, program, expected) => {
    void start(program);
    await expect.poll(() => ask().catch(() => undefined), { timeout: 20_000 }).toBe(expected);
  });

  test('and gets a message if it listens elsewhere', async () => {
    const said = start(`const { createServer } = require('node:http');
createServer().listen(0, '127.0.0.1', function () {
  const { port } = this.address();
  this.close(() => createServer().listen(port, '127.0.0.1', () => process.exit()));
});`);
    expect(await said).toMatch(/listens on port \d+, where no request arrives.* or set node\.port: \d+\./);
  });

  test('and a process that it has started is told why it has none', async () => {
    const said = start(`if (process.argv[2]) require('node:http').createServer().listen(3999);
else require('node:child_process').spawnSync(process.execPath, ['--require', ${JSON.stringify(listen)}, __filename, 'child'], { stdio: 'inherit' });`);
    expect(await said).toContain('Let node.start name the server itself');
  });
});
