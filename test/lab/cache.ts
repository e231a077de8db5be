import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';

const page = `<?php
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
$redis = new Redis();
$redis->connect(getenv('REDIS_HOST'), (int) getenv('REDIS_PORT'));
echo $redis->incr($_GET['key'] ?? 'visits'), ' ', implode(' ', array_map(fn ($key) => strtok($key, ':'), $redis->keys('PHPREDIS_SESSION:*')));`;

/** Tests a cache of each of two sites: Valkey on trixie, and Redis on bookworm, which has no Valkey. */
export function testCache(suite: 'trixie' | 'bookworm'): void {
  const here = lab(suite, { include: ['nginx', suite === 'trixie' ? 'php8.4-fpm' : 'php8.2-fpm'] });
  const site = (name: string, cache: unknown) => ({ domain: `${name}.test`, app: { source: name }, database: { engine: 'none' }, cache });
  const app = folder({
    'shop/index.php': page,
    'blog/index.php': page,
    'foobar.config.json': JSON.stringify({ sites: [site('shop', { memory: 16, sessions: true }), site('blog', 'valkey')] }),
  });

  test('is set up for each site, and checked', async () => {
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
    const hops = named(ended, 'health').filter(({ hop }) => hop === 'cache');
    expect(hops.map(({ ok }) => ok)).toEqual([true, true]);
    expect(String(hops[0]?.detail)).toMatch(/^(?:Valkey|Redis) [\d.]+, [\d.]+[KM] of 16\.00M, /);
  });

  test("is the site's own: values and sessions of one are not in the other", async () => {
    const visit = async (name: string) => (await ask(here.host.address, name, '/?key=a'))?.body;
    expect(await visit('shop.test')).toMatch(/^1 (?:PHPREDIS_SESSION ?)*$/);
    expect(await visit('shop.test')).toMatch(/^2 (?:PHPREDIS_SESSION ?)+$/);
    expect(await visit('blog.test')).toBe('1 ');
    const foreign = await exec(
      here.host,
      `setpriv --reuid=blog_test --regid=blog_test --init-groups perl -MSocket -e 'socket(my $s, PF_UNIX, SOCK_STREAM, 0); connect($s, sockaddr_un("/run/valkey-shop.test/valkey.sock")) or die "$!\\n"'`,
    );
    expect(foreign).toMatchObject({ stderr: 'Permission denied\n' });
  });

  test('uses no more than its share of memory, whatever is stored', async () => {
    const fill = `for i in $(seq 64); do printf 'SET k%d %s\\r\\n' "$i" "$(head -c 700000 /dev/zero | tr '\\0' x)"; done`;
    const cli = suite === 'trixie' ? 'valkey-cli' : 'redis-cli';
    const { stdout } = await exec(
      here.host,
      `{ ${fill}; } | ${cli} -s /run/valkey-shop.test/valkey.sock >/dev/null; ${cli} -s /run/valkey-shop.test/valkey.sock INFO | grep -E '^(used_memory|evicted_keys):' | tr -d '\\r'`,
    );
    const [used = 0, evicted = 0] = [...stdout.matchAll(/:(\d+)/g)].map(([, count]) => Number(count));
    expect(used).toBeLessThan(17 * 2 ** 20);
    expect(evicted).toBeGreaterThan(0);
  });

  test('is hardened, under a user of its own', async () => {
    const { stdout } = await exec(
      here.host,
      `ps -o user= -C valkey-server -C redis-server | sort -u | wc -l; systemd-analyze security valkey-shop.test.service --no-pager | tail -n 1 | grep -oE '[0-9.]+ (SAFE|OK|MEDIUM|EXPOSED|UNSAFE)'; systemctl is-active valkey-server redis-server`,
    );
    expect(stdout).toMatch(/^2\n[01]\.\d SAFE\n(?:inactive\n){2}$/);
  });

  test('leaves an empty plan, and is removed with its site', async () => {
    const ended = await cli(here.host, 'plan', [], { cwd: app });
    expect([ended.code, named(ended, 'change')]).toEqual([0, []]);
    expect((await cli(here.host, 'destroy', ['--yes'], { cwd: app })).code).toBe(0);
    const left = await exec(
      here.host,
      'ls -d /run/valkey-* /etc/systemd/system/valkey-*; systemctl list-units --no-legend "valkey*" "redis*"',
    );
    expect(left.stdout).toBe('');
  });
}
