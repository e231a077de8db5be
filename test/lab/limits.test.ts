import { writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { cli, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { php } from './packages.ts';

const front = `<?php
switch ($_GET['do'] ?? '') {
  case 'upload': echo $_SERVER['REQUEST_METHOD'], ' ', strlen(file_get_contents('php://input')); break;
  case 'memory': echo ini_get('memory_limit'), ' ', ini_set('memory_limit', '400M') === false ? 'fixed' : ini_get('memory_limit'); break;
  case 'events': header('Content-Type: text/event-stream'); for ($i = 0; $i < 3; $i++) { echo "data: $i\\n\\n"; ob_flush(); flush(); sleep(1); } break;
  case 'lines': header('Content-Type: text/plain'); header('X-Accel-Buffering: no'); for ($i = 0; $i < 3; $i++) { echo str_repeat("line $i\\n", 500); ob_flush(); flush(); sleep(1); } break;
  case 'empty': var_export(getenv('EMPTY')); break;
  case 'headers': for ($i = 0; $i < 40; $i++) header("X-Long-$i: " . str_repeat('a', 1000)); echo 'sent'; break;
  case 'session': session_start(); echo 'session'; break;
  case 'log': file_put_contents('php://stderr', "written to stderr\\n"); echo 'logged'; break;
  case 'opcache': echo array_sum(array_slice(opcache_get_status(false)['memory_usage'], 0, 3)) / 2 ** 20, ' ', preloaded(); break;
  case 'php': file_put_contents(getenv('HOME') . '/.written', 'x'); echo trim(shell_exec('command -v php; php -r "echo PHP_VERSION;"')); break;
}
`;

describe('the limits of one request', () => {
  const here = lab('trixie', { include: php });
  const site = {
    domain: 'limits.test',
    www: false,
    https: false,
    app: { source: 'app', env: { EMPTY: '' } },
    database: { engine: 'none' },
    host: false,
    limits: { upload: '100M', seconds: 120, memory: '200M' },
    php: {
      stderr: true,
      // These have no packages of their own: another one brings them.
      extensions: ['ctype', 'fileinfo', 'tokenizer'],
      settings: { 'opcache.memory_consumption': '160', 'opcache.preload': '/srv/www/limits.test/current/preload.php' },
    },
  };
  const app = folder({
    'foobar.config.json': JSON.stringify(site),
    'app/index.php': front,
    'app/fonts/a.woff2': 'font',
    'app/a.css': 'css',
    'app/preload.php': "<?php function preloaded() { return 'preloaded'; }",
  });

  /** A request of the site, and when each part of its answer came, in seconds. */
  async function visit(path: string, headers: Readonly<Record<string, string>> = {}, body?: Buffer) {
    const sent = Date.now();
    const asked = request({
      host: here.host.address,
      path,
      method: body ? 'POST' : 'GET',
      headers: { Host: 'limits.test', ...headers },
      agent: false,
      maxHeaderSize: 131_072,
    });
    asked.end(body);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => asked.on('response', resolve).on('error', reject));
    const parts: number[] = [];
    answer.on('data', () => parts.push((Date.now() - sent) / 1000));
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer), parts };
  }

  test('goes live with an empty front page, which is reported', async () => {
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(ended.stdout).toContain('200 with an empty body');
  });

  test('files up to the limit are accepted, and larger ones are not', async () => {
    expect(await visit('/?do=upload', {}, Buffer.alloc(60_000_000))).toMatchObject({ status: 200, body: 'POST 60000000' });
    expect((await visit('/?do=upload', { 'Content-Length': '200000000', Expect: '100-continue' })).status).toBe(413);
  });

  test('are those of each layer, of which an outer one waits longer', async () => {
    const { stdout } = await exec(
      here.host,
      "{ nginx -T 2>/dev/null; cat /etc/foobar-provision/instances/limits.test/*/fpm.conf; } | sed -n 's/^ *\\(fastcgi_read_timeout\\|client_body_timeout\\|request_terminate_timeout\\)[ =]*\\([0-9]*\\)s.*/\\1 \\2/p' | sort -u",
    );
    expect(stdout).toBe('client_body_timeout 60\nfastcgi_read_timeout 125\nrequest_terminate_timeout 120\n');
  });

  test('an application may raise its memory', async () => {
    expect((await visit('/?do=memory')).body).toBe('200M 400M');
  });

  test("PHP's opcode cache has the size and the preloaded functions that the configuration names", async () => {
    expect((await visit('/?do=opcache')).body).toBe('160 preloaded');
  });

  test.each([
    ['events', '/?do=events'],
    ['parts of an answer that is not to be buffered', '/?do=lines'],
  ])('%s arrive as they are sent, also to a visitor who takes them compressed', async (_, path) => {
    const { parts } = await visit(path, { 'Accept-Encoding': 'gzip' });
    expect(parts.length).toBeGreaterThan(2);
    expect(parts[0]).toBeLessThan(0.9);
  });

  test.each([
    ['a long cookie', '/', { Cookie: `a=${'a'.repeat(16_000)}` }],
    ['a long query', `/?q=${'a'.repeat(16_000)}`, {}],
    ['long headers of an answer', '/?do=headers', {}],
  ])('%s is not an error', async (_, path, headers) => {
    expect((await visit(path, headers)).status).toBe(200);
  });

  test('the site keeps its browser permissions, and its cookies are unchanged', async () => {
    const { headers } = await visit('/?do=session');
    expect(headers['permissions-policy']).not.toMatch(/camera|microphone|geolocation|payment/);
    expect(headers['content-security-policy']).toBe("frame-ancestors 'self'; base-uri 'self'");
    expect(String(headers['set-cookie'])).not.toMatch(/samesite/i);
  });

  test('what PHP writes to its standard error stream reaches the journal', async () => {
    expect((await visit('/?do=log')).body).toBe('logged');
    await expect
      .poll(async () => (await exec(here.host, "journalctl -o cat -u 'php-limits.test-*'")).stdout)
      .toContain('written to stderr');
  });

  test('a variable may be empty', async () => {
    expect((await visit('/?do=empty')).body).toBe("''");
  });

  test('a directive that the site has already is named with what to do instead, and nothing changes', async () => {
    const [own, config] = ['/etc/nginx/site.d/limits.test/twice.conf', join(app, 'foobar.config.json')];
    await exec(here.host, `echo 'client_max_body_size 99m;' >${own}`);
    writeFileSync(config, JSON.stringify({ ...site, web: { headers: { 'X-A': 'b' } } }));
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code).toBe(5);
    expect(JSON.stringify(ended.events.at(-1))).toContain(`remove it from ${own}, and set limits.upload in the configuration`);
    expect(JSON.stringify(named(ended, 'note'))).toContain(`remove it from ${own}, and set limits.upload`);
    writeFileSync(config, JSON.stringify(site));
    await exec(here.host, `rm ${own}; systemctl reload nginx`);
    expect((await visit('/')).status).toBe(200);
  });

  test('php has the version of the site, and a writable home', async () => {
    expect((await visit('/?do=php')).body).toMatch(/^\/usr\/local\/lib\/foobar-provision\/php\/8\.4\/php\n8\.4\./);
  });

  test("the owner's directives apply to assets, and a password, a rewrite or a redirect blocks neither a CA nor verify", async () => {
    await exec(
      here.host,
      `printf '%s\n' 'location /fonts/ { add_header Access-Control-Allow-Origin "*"; }' 'auth_basic private; auth_basic_user_file /etc/nginx/none;' 'if (!-e $request_filename) { rewrite ^ /index.php last; }' 'if ($http_x_old) { return 301 https://else.test/; }' >/etc/nginx/site.d/limits.test/own.conf; touch /etc/nginx/none; systemctl reload nginx; sleep 1`,
    );
    expect((await visit('/a.css')).status).toBe(401);
    for (const headers of [{}, { 'X-Old': '1' }]) {
      expect((await visit('/.well-known/acme-challenge/x', headers)).status).toBe(404);
      expect((await visit('/.well-known/foobar-provision', headers)).status).toBe(200);
    }
    expect((await visit('/', { 'X-Old': '1' })).status).toBe(301);
    const ended = await cli(here.host, 'verify', [], { cwd: app });
    expect(ended.code, ended.stdout).toBe(0);
    expect(ended.stdout).toContain('401, it asks for a login');
    await exec(here.host, `sed -i '/auth_basic\\|if/d' /etc/nginx/site.d/limits.test/own.conf; systemctl reload nginx; sleep 1`);
    expect((await visit('/fonts/a.woff2')).headers['access-control-allow-origin']).toBe('*');
    expect((await visit('/a.css')).headers['cache-control']).toBe('max-age=3600');
  });

  test('the plan is empty afterwards', async () => {
    const ended = await cli(here.host, 'plan', [], { cwd: app });
    expect([ended.code, named(ended, 'change')]).toEqual([0, []]);
  });
});
