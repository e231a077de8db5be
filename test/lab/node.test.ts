import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { traffic } from './traffic.ts';

/** A server without a handler for SIGTERM, which ends it at once. Its first argument says where it listens: on PORT or on SOCKET. */
const server = `const { createServer } = require('node:http');
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const version = readFileSync('version.txt', 'utf8').trim();
const greeting = require('greeting');
const server = createServer((request, response) => {
  const text = ['release', version, version, version, greeting(process.env.GREETING), request.socket.remoteAddress, 'end'].join(' ');
  if (request.url === '/slow.php') setTimeout(() => response.end(text), 5000);
  else if (request.url === '/crash') process.exit(1);
  else if (request.url === '/stream') {
    response.write('first');
    setTimeout(() => response.end('last'), 1500);
  } else request.resume().on('end', () => response.end(text));
});
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
  socket.on('data', (data) => socket.end(data));
});
server.listen(process.env[process.argv[2] ?? 'PORT'], () => console.log('listening', server.address().port));
`;

const application = (root: string, dependencies: string) => ({
  [`${root}/server.js`]: server,
  [`${root}/version.txt`]: 'a',
  [`${root}/public/style.css`]: 'body { color: black }',
  [`${root}/${dependencies}/greeting/index.js`]: 'module.exports = (name) => name;',
});

describe('programs that serve themselves', () => {
  const here = lab('trixie', { include: ['nginx', 'nodejs'] });
  const env = { GREETING: 'hello' };
  const home = folder({
    'foobar.config.json': JSON.stringify({
      sites: [
        {
          domain: 'node.test',
          app: { source: 'node', env, keep: 3, hooks: { before: ['node -p process.env.NODE_ENV >$HOME/hook'] } },
          limits: { upload: '1M' },
          database: { engine: 'none' },
        },
        {
          domain: 'port.test',
          app: { source: 'port', env, docroot: 'public' },
          command: { run: 'node server.js PORT' },
          database: { engine: 'none' },
        },
        {
          domain: 'socket.test',
          app: { source: 'port', env, docroot: 'public' },
          command: { run: 'node server.js SOCKET' },
          database: { engine: 'none' },
        },
      ],
      packages: ['nodejs'],
      host: { firewall: false, ssh: false, upgrades: false, limits: false, passwords: false, integrity: false },
    }),
    ...application('node', 'node_modules'),
    'node/package.json': JSON.stringify({ scripts: { start: 'node server.js' }, dependencies: { greeting: '1' } }),
    'node/package-lock.json': JSON.stringify({
      packages: {
        'node_modules/greeting': {},
        'node_modules/linter': { dev: true },
        'node_modules/linter/node_modules/deep': { dev: true },
      },
    }),
    'node/node_modules/linter/index.js': '',
    'node/node_modules/linter/node_modules/deep/index.js': '',
    ...application('port', 'node_modules'),
    'port/package.json': '{}',
  });
  const sites = ['node.test', 'port.test', 'socket.test'] as const;
  // The second one stops the instance that the first one left.
  const deploys = 2;
  const busy: { readonly stop: () => Promise<unknown> }[] = [];
  afterAll(async () => {
    await Promise.all(busy.map(({ stop }) => stop()));
  });
  const run = (command: string, ...args: readonly string[]) => cli(here.host, command, args, { cwd: home });
  const put = (version: string) => {
    for (const source of ['node', 'port']) writeFileSync(join(home, source, 'version.txt'), version);
  };
  const bodyOf = async (name: string, path = '/') => (await ask(here.host.address, name, path))?.body;

  test('are served in the first run, their files by Nginx, and a plan finds nothing', async () => {
    const made = await run('apply', '--yes');
    expect(made.code, made.stderr + made.stdout.slice(-2000)).toBe(0);
    for (const name of sites) {
      expect(await bodyOf(name)).toMatch(/^release a a a hello (?:::ffff:)?(?:127.0.0.1)? end$/);
      expect(await bodyOf(name, '/style.css')).toContain('color: black');
      expect(await bodyOf(name, '/server.js')).toContain('release a');
    }
    expect(named(await run('plan'), 'change')).toEqual([]);
    expect((await exec(here.host, 'cd /srv/www/node.test; ls current/node_modules; cat shared/hook')).stdout).toBe(
      'greeting\nproduction\n',
    );
  });

  test('get WebSockets, and what they send reaches visitors at once', async () => {
    for (const name of sites) {
      const asked = request({
        host: here.host.address,
        headers: { Host: name, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' },
      });
      asked.end();
      const [answer, socket] = await once(asked, 'upgrade');
      expect((answer as IncomingMessage).headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
      socket.write('echo');
      expect(String((await once(socket, 'data'))[0])).toBe('echo');
      socket.destroy();
      const streamed = request({ host: here.host.address, path: '/stream', headers: { Host: name } });
      streamed.end();
      const [response] = (await once(streamed, 'response')) as [IncomingMessage];
      const began = Date.now();
      expect(String((await once(response, 'data'))[0])).toBe('first');
      expect(Date.now() - began).toBeLessThan(1000);
      response.resume();
      await once(response, 'end');
    }
  });

  test('have no port that other sites reach, where they listen on a socket or are Node.js', async () => {
    const { stdout } = await exec(here.host, 'ss -ltnH | grep -vcE ":(22|80) "');
    expect(stdout).toBe('1\n');
    const connect = `perl -MSocket -e 'for (@ARGV) { socket(my $s, PF_UNIX, SOCK_STREAM, 0); print connect($s, sockaddr_un($_)) ? "open" : "$!", "\\n" }' /run/foobar-provision/*/*.sock`;
    const as = async (user: string) => (await exec(here.host, `setpriv --reuid=${user} --regid=${user} --init-groups ${connect}`)).stdout;
    expect(await as('node_test')).toBe('open\nPermission denied\nPermission denied\n');
    expect(await as('www-data')).toBe('open\nopen\nopen\n');
  });

  test('refuse what is larger than the limit of the site', async () => {
    const asked = request({ host: here.host.address, method: 'POST', headers: { Host: 'node.test', 'Content-Length': 4 * 1024 * 1024 } });
    asked.on('error', () => undefined);
    asked.flushHeaders();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    asked.destroy();
  });

  test('start again after every crash, and requests to Node.js wait meanwhile', async () => {
    // More than systemd's own limit of starts, by which any visitor could end a site for good.
    for (let crash = 0; crash < 6; crash += 1) {
      expect((await ask(here.host.address, 'node.test', '/crash'))?.status).toBe(502);
      expect(await bodyOf('node.test')).toContain('release a');
    }
    for (const name of ['port.test', 'socket.test']) {
      expect((await ask(here.host.address, name, '/crash'))?.status).toBe(502);
      await expect.poll(() => bodyOf(name), { timeout: 10_000 }).toContain('release a');
    }
  });

  test('lose no request in deploys and a rollback', async () => {
    const visitors = sites.map((name) => traffic(here.host.address, name, { clients: 3, slow: 2 }));
    busy.push(...visitors);
    for (let version = 1; version <= deploys; version += 1) {
      put(`v${version}`);
      const deployed = await run('deploy');
      expect(deployed.code, deployed.stderr).toBe(0);
    }
    const releases = named(await run('releases'), 'release');
    const previous = releases.find((release) => release.site === 'node.test' && release.previous === true);
    const back = await run('rollback', '--to', String(previous?.id));
    expect(back.code, back.stderr).toBe(0);
    const seen = await Promise.all(visitors.map(({ stop }) => stop()));
    expect(seen.map(({ failed }) => failed)).toEqual([[], [], []]);
    expect(Math.min(...seen.map(({ slow }) => slow))).toBeGreaterThan(1);
    expect(await bodyOf('node.test')).toContain(`release v${deploys - 1} `);
    expect(await bodyOf('port.test')).toContain(`release v${deploys} `);
  });

  test('never go live if they do not start, and the run says why', async () => {
    writeFileSync(join(home, 'node/server.js'), server.replace('createServer((', "require('missing'); createServer(("));
    const failed = await run('deploy');
    expect([failed.code, failed.stderr + failed.stdout]).toEqual([5, expect.stringContaining("Cannot find module 'missing'")]);
    expect(await bodyOf('node.test')).toContain(`release v${deploys - 1} `);
  });
});
