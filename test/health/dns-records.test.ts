import { describe, expect, it } from 'vitest';
import type { Lookup } from '../../src/dns/lookup.ts';
import { isPrivate } from '../../src/health/addresses.ts';
import { judge } from '../../src/health/dns-records.ts';

const host = '203.0.113.7';
const stranger = '198.51.100.1';

function lookup(name: string, more: Partial<Lookup> = {}): Lookup {
  return { name, A: [], AAAA: [], ...more };
}

const cases: readonly {
  readonly what: string;
  readonly lookups: readonly Lookup[];
  readonly own?: readonly string[];
  readonly connected?: string;
  readonly detail: string;
  readonly warning?: string;
}[] = [
  {
    what: 'both names lead here',
    lookups: [lookup('foobar.com', { A: [host] }), lookup('www.foobar.com', { A: [host] })],
    detail: 'foobar.com points to 203.0.113.7, this host; www.foobar.com points to 203.0.113.7, this host',
  },
  {
    what: 'a name without a record',
    lookups: [lookup('foobar.com', { A: [host] }), lookup('www.foobar.com')],
    detail: 'foobar.com points to 203.0.113.7, this host; www.foobar.com has no address',
    warning: 'create www.foobar.com. A 203.0.113.7',
  },
  {
    what: 'a name that leads elsewhere',
    lookups: [lookup('foobar.com', { A: [stranger] })],
    detail: 'foobar.com points to 198.51.100.1',
    warning: 'change foobar.com. A 198.51.100.1 to foobar.com. A 203.0.113.7',
  },
  {
    what: 'this host among others',
    lookups: [lookup('foobar.com', { A: [host, stranger] })],
    detail: 'foobar.com points to 203.0.113.7, 198.51.100.1',
    warning: 'remove foobar.com. A 198.51.100.1',
  },
  {
    what: 'an IPv6 record of another host, and no IPv6 here',
    lookups: [lookup('foobar.com', { A: [host], AAAA: ['2001:db8::1'] })],
    detail: 'foobar.com points to 203.0.113.7, 2001:db8::1',
    warning: 'remove foobar.com. AAAA 2001:db8::1',
  },
  {
    what: 'nothing but an IPv6 record of another host',
    lookups: [lookup('foobar.com', { AAAA: ['2001:db8::1'] })],
    detail: 'foobar.com points to 2001:db8::1',
    warning: 'create foobar.com. A 203.0.113.7; remove foobar.com. AAAA 2001:db8::1',
  },
  {
    what: 'an IPv6 record of another host where this one has a public address',
    lookups: [lookup('foobar.com', { A: [host], AAAA: ['2001:db8::1'] })],
    own: [host, '2001:db8::7', 'fe80::1'],
    detail: 'foobar.com points to 203.0.113.7, 2001:db8::1',
    warning: 'change foobar.com. AAAA 2001:db8::1 to foobar.com. AAAA 2001:db8::7',
  },
  {
    what: 'the same IPv6 address in another spelling',
    lookups: [lookup('foobar.com', { AAAA: ['2001:db8::7'] })],
    own: ['2001:0DB8:0:0:0:0:0:7'],
    connected: '2001:db8::7',
    detail: 'foobar.com points to 2001:db8::7, this host',
  },
  {
    what: 'a host with IPv6 alone',
    lookups: [lookup('foobar.com')],
    own: ['2001:db8::7'],
    connected: '2001:db8::7',
    detail: 'foobar.com has no address',
    warning: 'create foobar.com. AAAA 2001:db8::7',
  },
  {
    what: 'behind NAT, the address that we connected to',
    lookups: [lookup('foobar.com')],
    own: ['10.0.0.5', 'fe80::1'],
    detail: 'foobar.com has no address',
    warning: 'create foobar.com. A 203.0.113.7',
  },
  {
    what: 'on a private network, the address that we connected to all the same',
    lookups: [lookup('foobar.com')],
    own: ['192.168.1.5', '172.17.0.1'],
    connected: '192.168.1.5',
    detail: 'foobar.com has no address',
    warning: 'create foobar.com. A 192.168.1.5',
  },
  {
    what: 'reached over a private network, the public address of the host',
    lookups: [lookup('foobar.com')],
    own: ['10.0.0.5', host],
    connected: '10.0.0.5',
    detail: 'foobar.com has no address',
    warning: 'create foobar.com. A 203.0.113.7',
  },
  {
    what: 'no address known at all',
    lookups: [lookup('foobar.com')],
    own: [],
    connected: 'web1',
    detail: 'foobar.com has no address',
    warning: "create an A record of foobar.com with this host's address",
  },
  {
    what: 'nameservers that fail',
    lookups: [lookup('foobar.com', { gap: 'failing' })],
    detail: 'the nameservers fail for foobar.com',
    warning: 'check that there is foobar.com. A 203.0.113.7',
  },
];

describe('judge', () => {
  it.each(cases)('$what', ({ lookups, own = [host], connected = host, detail, warning }) => {
    expect(judge(lookups, own, connected, false)).toEqual({ ok: true, detail, ...(warning === undefined ? {} : { warning }) });
    const required = warning === undefined ? { ok: true, detail } : { ok: false, detail: `${detail}: ${warning}` };
    expect(judge(lookups, own, connected, true)).toEqual(required);
  });

  it.each([true, false])('blames this machine if no nameserver was reachable (required: %s)', (required) => {
    expect(judge([lookup('foobar.com', { gap: 'unreachable' })], [host], host, required)).toEqual({
      ok: true,
      detail: 'no nameserver answered for foobar.com',
      warning: 'check that there is foobar.com. A 203.0.113.7',
    });
  });

  it('uses the records that arrived even if others did not', () => {
    expect(judge([lookup('foobar.com', { A: [stranger], gap: 'unreachable' })], [host], host, true).ok).toBe(false);
    expect(judge([lookup('foobar.com', { A: [host], gap: 'unreachable' })], [host], host, true).ok).toBe(true);
  });
});

describe('isPrivate', () => {
  it.each([
    ['10.1.2.3', true],
    ['172.31.255.255', true],
    ['172.32.0.1', false],
    ['100.64.0.1', true],
    ['203.0.113.7', false],
    ['fd00::1', true],
    ['fe80::1', true],
    ['2001:db8::1', false],
  ])('%s: %s', (address, expected) => {
    expect(isPrivate(address)).toBe(expected);
  });

  it('lists as many names as a person reads, the wrong ones first', () => {
    const lookups = Array.from({ length: 120 }, (_, index) => lookup(`alias-${index}.test`, index === 119 ? {} : { A: [host] }));
    const { detail, warning } = judge(lookups, [host], host, false);
    expect(detail).toMatch(/^alias-119\.test has no address; alias-0\.test points to .*; alias-18\.test points to [^;]*; and 100 more$/);
    expect(warning).toBe('create alias-119.test. A 203.0.113.7');
  });
});
