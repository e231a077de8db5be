import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { php } from './packages.ts';

/** A server of HTTP and WebSockets, named by its first argument; without Debian's Node.js on the host it would not start. */
const server = `const { createServer } = require('node:http');
const { createHash } = require('node:crypto');
const server = createServer((request, response) => response.end(process.argv[2] + ' ' + request.url));
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.end('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
});
if (process.env.PORT) server.listen(Number(process.env.PORT), '127.0.0.1');
else server.listen(process.env.SOCKET);`;

describe('addresses that workers answer', () => {
  const here = lab('trixie', { include: php });
  const site = (name: string, port: number) => ({
    domain: `${name}.test`,
    app: { source: 'app' },
    database: { engine: 'none' },
    workers: { chat: { command: `node server.cjs ${name}-chat` }, api: { command: `node server.cjs ${name}-api`, port } },
    web: { proxy: { '/ws': 'worker:chat', '/api/': 'worker:api', '/api/open': port } },
  });
  const app = folder({
    'app/index.php': '<?php echo "php";',
    'app/server.cjs': server,
    'foobar.config.json': JSON.stringify({ host: false, packages: ['nodejs'], sites: [site('one', 6001), site('two', 6002)] }),
  });

  test('go live with their site', async () => {
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stderr + ended.stdout).toBe(0);
    expect(named(ended, 'health').flatMap(({ hop, ok, detail }) => (hop === 'program' ? [`${ok} ${detail}`] : []))).toEqual(
      ['one', 'two'].flatMap((name, index) => [
        `true the program on port ${6001 + index} answers /api/open with 200 at port ${6001 + index}`,
        `true the worker api answers /api with 200 at port ${6001 + index}`,
        `true the worker chat answers /ws with 200 at /run/worker-${name}.test-chat/http.sock`,
      ]),
    );
    expect(JSON.stringify(named(ended, 'note'))).toContain('can be reached by programs of the other sites on this host: api (6001)');
  });

  test.each([
    ['one', '/ws', 'one-chat /ws'],
    ['one', '/ws/a.php?b=c', 'one-chat /ws/a.php?b=c'],
    ['one', '/wsx', 'php'],
    ['one', '/api/v1/a%20b', 'one-api /api/v1/a%20b'],
    ['one', '/api/open/x.css', 'one-api /api/open/x.css'],
    ['two', '/ws', 'two-chat /ws'],
    ['two', '/api', 'two-api /api'],
    ['two', '/', 'php'],
  ])('%s.test%s%s', async (name, path, answer) => {
    expect((await ask(here.host.address, `${name}.test`, path))?.body).toBe(answer);
  });

  test('may be WebSockets', async () => {
    const headers = {
      Host: 'one.test',
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'a',
      'Sec-WebSocket-Version': '13',
    };
    const asked = request({ host: here.host.address, path: '/ws/room', headers, agent: false }).end();
    const [answer] = await once(asked, 'upgrade');
    expect(answer).toMatchObject({ statusCode: 101 });
    asked.destroy();
  });

  test('are reachable only for their own site and Nginx if a worker has a socket', async () => {
    const connect = `perl -MSocket -e 'socket(my $s, PF_UNIX, SOCK_STREAM, 0); print connect($s, sockaddr_un("/run/worker-one.test-chat/http.sock")) ? "open" : "$!"'`;
    const as = (user: string) => exec(here.host, `setpriv --reuid=${user} --regid=${user} --init-groups ${connect}`);
    expect((await Promise.all(['two_test', 'one_test', 'www-data'].map(as))).map(({ stdout }) => stdout)).toEqual([
      'Permission denied',
      'open',
      'open',
    ]);
  });

  test('are checked: a worker that does not answer is named', async () => {
    await exec(here.host, 'systemctl stop one.test-chat@1');
    const ended = await cli(here.host, 'verify', [], { cwd: app });
    expect(ended.code).toBe(6);
    expect(named(ended, 'health').flatMap(({ ok, detail }) => (ok ? [] : [String(detail)]))).toEqual([
      expect.stringMatching(/^the worker chat: .*http\.sock/),
    ]);
    await exec(here.host, 'systemctl start one.test-chat@1');
  });

  test('leave an empty plan, and answer again after a worker was restarted', async () => {
    await exec(here.host, 'systemctl restart one.test-chat@1; sleep 2');
    expect((await ask(here.host.address, 'one.test', '/ws'))?.body).toBe('one-chat /ws');
    const ended = await cli(here.host, 'plan', [], { cwd: app });
    expect([ended.code, named(ended, 'change')]).toEqual([0, []]);
  });
});
