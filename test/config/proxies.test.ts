import { describe, expect, test } from 'vitest';
import { cloudflare } from '../../src/config/cloudflare.ts';
import { isAmongProxies, isProxy, proxiesOf } from '../../src/config/proxies.ts';

describe('a proxy that can be trusted', () => {
  test.each([
    ['cloudflare', true],
    ['10.0.0.0/8', true],
    ['203.0.113.7', true],
    ['2001:db8::/32', true],
    ['2001:db8::7', true],
    // Everybody.
    ['0.0.0.0/0', false],
    ['::/0', false],
    ['10.0.0.0/33', false],
    ['10.0.0/8', false],
    ['Cloudflare', false],
    ['proxy.example.com', false],
    ['10.0.0.1; include /etc/passwd', false],
    ['fe80::1%eth0/64', false],
  ])('%s: %s', (text, expected) => {
    expect(isProxy(text)).toBe(expected);
  });

  test("Cloudflare's networks are networks, each once", () => {
    expect(cloudflare.addresses.filter((address) => !isProxy(address))).toEqual([]);
    expect(proxiesOf(['cloudflare', '10.0.0.1', '10.0.0.1', 'cloudflare'])).toEqual([...cloudflare.addresses, '10.0.0.1']);
    expect(Date.parse(cloudflare.date)).toBeGreaterThan(0);
  });

  test.each([
    ['104.16.3.4', true],
    ['2606:4700:10::1', true],
    ['203.0.113.7', false],
    ['2001:db8::7', false],
  ])('%s is one of them: %s', (address, expected) => {
    expect(isAmongProxies(address, cloudflare.addresses)).toBe(expected);
  });
});
