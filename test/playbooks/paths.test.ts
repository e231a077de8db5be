import { describe, expect, test } from 'vitest';
import { pathsOf, userOf } from '../../playbooks/host/paths.ts';
import { longest } from '../../src/config-file/complete.ts';
import { config } from './configs.ts';

describe('paths', () => {
  const [site] = config({ domain: `${'a'.repeat(longest.domain - 20)}.${'b'.repeat(16)}.de` }).sites;

  test('the longest domain that a configuration may have still makes a socket that Linux can bind', () => {
    expect(site.domain).toHaveLength(longest.domain);
    expect(Buffer.byteLength(`${pathsOf(site).sockets}/01234567@0123456789ab.sock`)).toBeLessThanOrEqual(107);
  });

  test('and a user that Debian can add', () => {
    expect(userOf(site)).toMatch(/^[a-z_][a-z0-9_-]{0,31}$/);
  });
});
