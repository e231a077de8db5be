import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pathsOf, userOf } from '../../playbooks/host/paths.ts';
import { longest } from '../../src/config-file/complete.ts';
import { config } from './configs.ts';

describe('paths', () => {
  const [site] = config({ domain: `${'a'.repeat(longest.domain - 20)}.${'b'.repeat(16)}.de` }).sites;

  test('the longest allowed domain gives a socket path that Linux can bind', () => {
    expect(site.domain).toHaveLength(longest.domain);
    expect(Buffer.byteLength(`${pathsOf(site).sockets}/01234567@0123456789ab.sock`)).toBeLessThanOrEqual(107);
  });

  test('the longest allowed domain gives a path by which nginx can connect to that socket', () => {
    expect(Buffer.byteLength(`${pathsOf(site).rules}/01234567/live/socket`)).toBeLessThanOrEqual(107);
  });

  test.each(['example.com', `${'a'.repeat(55)}.de`, `${'a'.repeat(56)}.de`, site.domain])('pruning finds the rules of %s', (domain) => {
    const [named] = config({ domain }).sites;
    const shell = `RULES=/etc/nginx/foobar-rules; . ${join(import.meta.dirname, '../../files/run/prune.sh')}; rules_of ${domain}`;
    expect(execFileSync('sh', ['-c', shell], { encoding: 'utf8' })).toBe(`${pathsOf(named).rules}\n`);
  });

  test('the longest allowed domain gives a user name that Debian accepts', () => {
    expect(userOf(site)).toMatch(/^[a-z_][a-z0-9_-]{0,31}$/);
  });
});
