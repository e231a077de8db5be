import type { Resolver } from 'node:dns/promises';
import { describe, expect, test } from 'vitest';
import type { Nameserver, NameserverFactory } from '../../src/dns/authority.ts';
import { suffixes } from '../../src/dns/authority.ts';
import { missingCaaRecord } from '../../src/dns/caa.ts';
import { lookUp } from '../../src/dns/lookup.ts';

type Records = Readonly<Record<string, readonly string[] | string>>;

interface Zones {
  readonly A?: Records;
  readonly AAAA?: Records;
  readonly NS?: Records;
  readonly CNAME?: Records;
  readonly CAA?: Readonly<Record<string, Awaited<ReturnType<Nameserver['resolveCaa']>>>>;
}

/** A nameserver that answers from tables: records, or the code of an error; what is in none does not exist. */
function nameserver({ A = {}, AAAA = {}, NS = {}, CNAME = {}, CAA = {} }: Zones): Nameserver {
  const from = (records: Records) => async (name: string) => {
    const found = records[name] ?? 'ENODATA';
    if (typeof found === 'string') throw Object.assign(new Error(found), { code: found });
    return [...found];
  };
  return {
    // Only the overloads without options are used.
    resolve4: from(A) as Resolver['resolve4'],
    resolve6: from(AAAA) as Resolver['resolve6'],
    resolveNs: from(NS),
    resolveCname: from(CNAME),
    resolveCaa: async (name) => CAA[name] ?? [],
  };
}

/** This machine's own nameserver, and the others by their address. */
function internet(own: Zones, others: Readonly<Record<string, Zones>> = {}): NameserverFactory {
  return (servers) => nameserver(servers === undefined ? own : (others[servers[0] ?? ''] ?? {}));
}

const delegation = { NS: { 'foobar.com': ['ns.foobar.com'] }, A: { 'ns.foobar.com': ['192.0.2.53'] } };

describe('a name is looked up', () => {
  test.each<readonly [string, string, NameserverFactory, object]>([
    [
      "at its zone's own nameservers, whatever ours still believes",
      'www.foobar.com',
      internet(
        { ...delegation, A: { ...delegation.A, 'www.foobar.com': ['198.51.100.1'] } },
        { '192.0.2.53': { A: { 'www.foobar.com': ['203.0.113.7'] } } },
      ),
      { A: ['203.0.113.7'], AAAA: [] },
    ],
    [
      'and one that they do not have is not there',
      'www.foobar.com',
      internet(
        { ...delegation, A: { ...delegation.A, 'www.foobar.com': ['198.51.100.1'] } },
        { '192.0.2.53': { A: { 'www.foobar.com': 'ENOTFOUND' } } },
      ),
      { A: [], AAAA: [] },
    ],
    [
      'through nameservers that have an IPv6 address alone',
      'foobar.com',
      internet(
        { NS: delegation.NS, AAAA: { 'ns.foobar.com': ['2001:db8::53'] } },
        { '[2001:db8::53]': { AAAA: { 'foobar.com': ['2001:db8::7'] } } },
      ),
      { A: [], AAAA: ['2001:db8::7'] },
    ],
    [
      'an alias into another zone there',
      'www.foobar.com',
      internet(
        { NS: { ...delegation.NS, 'cdn.example': ['ns.cdn.example'] }, A: { ...delegation.A, 'ns.cdn.example': ['192.0.2.54'] } },
        {
          '192.0.2.53': { CNAME: { 'www.foobar.com': ['edge.cdn.example'] } },
          '192.0.2.54': { A: { 'edge.cdn.example': ['203.0.113.7'] } },
        },
      ),
      { A: ['203.0.113.7'], AAAA: [] },
    ],
    [
      'and aliases in a circle end',
      'a.foobar.com',
      internet({ CNAME: { 'a.foobar.com': ['b.foobar.com'], 'b.foobar.com': ['a.foobar.com'] } }),
      { A: [], AAAA: [] },
    ],
    [
      'at our own nameserver where a firewall keeps us from others',
      'www.foobar.com',
      internet(
        { ...delegation, A: { ...delegation.A, 'www.foobar.com': ['203.0.113.7'] } },
        { '192.0.2.53': { A: { 'www.foobar.com': 'ETIMEOUT' } } },
      ),
      { A: ['203.0.113.7'], AAAA: [] },
    ],
    [
      'and where nobody answers that is known',
      'www.foobar.com',
      internet({ A: { 'www.foobar.com': 'ECONNREFUSED' }, AAAA: { 'www.foobar.com': 'ECONNREFUSED' } }),
      { A: [], AAAA: [], gap: 'unreachable' },
    ],
  ])('%s', async (_, name, asking, expected) => {
    expect(await lookUp(name, asking)).toEqual({ name, ...expected });
  });

  test('in the zones that may contain it', () => {
    expect(suffixes('a.b.example')).toEqual(['a.b.example', 'b.example']);
  });
});

describe('CAA records', () => {
  test.each<readonly [string, Zones['CAA'], string | undefined]>([
    ['that say nothing', {}, undefined],
    ['for this CA', { 'foobar.com': [{ critical: 0, issue: 'letsencrypt.org' }] }, undefined],
    ['for this CA and an account', { 'foobar.com': [{ critical: 0, issue: 'letsencrypt.org; accounturi=x' }] }, undefined],
    ['for another', { 'foobar.com': [{ critical: 0, issue: 'ca.example' }] }, 'foobar.com. CAA 0 issue "letsencrypt.org"'],
    ['for nobody', { 'foobar.com': [{ critical: 0, issue: ';' }] }, 'foobar.com. CAA 0 issue "letsencrypt.org"'],
    ['for reports alone', { 'foobar.com': [{ critical: 0, iodef: 'mailto:x@foobar.com' }] }, undefined],
    [
      'nearer to the name than others',
      { 'www.foobar.com': [{ critical: 0, issue: 'letsencrypt.org' }], 'foobar.com': [{ critical: 0, issue: 'ca.example' }] },
      undefined,
    ],
  ])('%s', async (_, CAA, expected) => {
    expect(await missingCaaRecord('www.foobar.com', 'letsencrypt.org', internet({ CAA: CAA ?? {} }))).toBe(expected);
  });
});
