import { describe, expect, test } from 'vitest';
import cache from '../../playbooks/cache/valkey.ts';
import { php } from '../../playbooks/runtimes/php/php.ts';
import { config } from './configs.ts';
import { bookworm, trixie } from './hosts.ts';
import { contentOf, list } from './list.ts';
import { scopeOf } from './view.ts';

const cached = config({ more: { cache: { memory: 100, sessions: false } } });
const unit = '/etc/systemd/system/valkey-foobar.com.service';
const valkey = { ...trixie, packages: { ...trixie.packages, 'valkey-server': { candidate: '8.1.1' } } };

describe('a cache', () => {
  test('is a separate instance for the site, and not that of the package', () => {
    expect(list(cache, cached, valkey)).toEqual([
      'package:valkey-server',
      'service:valkey-server.service unless there before valkey-server',
      `file:${unit} 0644 => restart:valkey-foobar.com.service`,
      'service:valkey-foobar.com.service running enabled',
    ]);
    expect(list(cache, config(), valkey)).toEqual([]);
  });

  test('has a memory limit', () => {
    const content = contentOf(cache, cached, valkey, unit);
    expect(content).toContain(' --port 0 --unixsocket /run/valkey-foobar.com/valkey.sock --unixsocketperm 770 --maxmemory 100mb ');
    expect(content).toContain('\nMemoryMax=182M\n');
    expect(content).toContain('\nGroup=foobar_com\n');
  });

  test('is Redis if the distribution has no Valkey', () => {
    expect(list(cache, cached, bookworm)[0]).toBe('package:redis-server');
    expect(contentOf(cache, cached, bookworm, unit)).toContain('ExecPaths=/usr/bin/redis-server /usr/bin/redis-check-rdb ');
  });

  test('is hardened unless hardening is off', () => {
    const open = { ...cached, host: { ...cached.host, hardening: false } };
    expect(contentOf(cache, cached, valkey, unit)).toContain('\nPrivateNetwork=yes\n');
    expect(contentOf(cache, open, valkey, unit)).not.toContain('PrivateNetwork');
  });

  test("is named in the application's environment, and PHP has the extension for it", () => {
    const instance = JSON.stringify(php.instance(scopeOf(cached), valkey));
    for (const expected of ['REDIS_HOST', '/run/valkey-foobar.com/valkey.sock', 'WP_REDIS_PATH', '"php8.4-redis"'])
      expect(instance).toContain(expected);
    expect(instance).not.toContain('session.save_handler');
    expect(JSON.stringify(php.instance(scopeOf(config()), valkey))).not.toContain('redis');
  });

  test('keeps sessions on request', () => {
    const sessions = config({ more: { cache: { memory: 64, sessions: true } } });
    const instance = JSON.stringify(php.instance(scopeOf(sessions), valkey));
    expect(instance).toContain('session.save_handler = redis');
    expect(instance).toContain('php_admin_value[session.save_path] = unix:///run/valkey-foobar.com/valkey.sock');
  });
});
