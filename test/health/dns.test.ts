import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { NameserverFactory } from '../../src/dns/authority.ts';
import { lookUp } from '../../src/dns/lookup.ts';
import type { HealthContext } from '../../src/health/context.ts';
import type { DnsCheck } from '../../src/health/dns.ts';
import { checkDns } from '../../src/health/dns.ts';
import { context, loopback } from './loopback.ts';

const check: DnsCheck = { names: ['foobar.com', 'www.foobar.com'], required: true };

function failing(code: string): Error {
  return Object.assign(new Error(`query ${code}`), { code });
}

type Zone = Readonly<Record<string, readonly string[] | string>>;

/** Nameservers that answer from a table: addresses, or the code of an error. */
function zone(v4: Zone): NameserverFactory {
  const none = () => Promise.reject(failing('ENODATA'));
  const answer = async (records: Zone, name: string): Promise<string[]> => {
    const found = records[name] ?? 'ENODATA';
    if (typeof found === 'string') throw failing(found);
    return [...found];
  };
  return () => ({
    // Only the overload without options is used.
    resolve4: ((name: string) => answer(v4, name)) as Resolver['resolve4'],
    resolve6: none as Resolver['resolve6'],
    resolveNs: none,
    resolveCname: none,
    resolveCaa: none,
  });
}

function at(asking: NameserverFactory): HealthContext {
  const lookUpThere = (name: string) => lookUp(name, asking);
  return context({ transport: loopback({ address: '203.0.113.7' }), addresses: ['203.0.113.7'], lookUp: lookUpThere });
}

describe('checkDns', () => {
  it.each([
    {
      what: 'no such name',
      v4: { 'foobar.com': ['203.0.113.7'], 'www.foobar.com': 'ENOTFOUND' },
      ok: false,
      detail: /www\.foobar\.com has no address: create www/,
    },
    {
      what: 'a lame delegation',
      v4: { 'foobar.com': 'ESERVFAIL', 'www.foobar.com': 'ESERVFAIL' },
      ok: false,
      detail: /the nameservers fail for foobar\.com/,
    },
    {
      what: 'no nameserver',
      v4: { 'foobar.com': 'ECONNREFUSED', 'www.foobar.com': 'ETIMEOUT' },
      ok: true,
      detail: /no nameserver answered/,
    },
    { what: 'well', v4: { 'foobar.com': ['203.0.113.7'], 'www.foobar.com': ['203.0.113.7'] }, ok: true, detail: /this host; .*this host$/ },
  ])('$what', async ({ v4, ok, detail }) => {
    expect(await checkDns(check, at(zone(v4)))).toMatchObject({ ok, detail: expect.stringMatching(detail) });
  });

  it('waits for a silent nameserver for two seconds in total', async () => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const resolver = new Resolver({ timeout: 60_000, tries: 3 });
    resolver.setServers([`127.0.0.1:${silent.address().port}`]);
    const start = performance.now();
    const finding = await checkDns(
      check,
      at(() => resolver),
    );
    expect(performance.now() - start).toBeLessThan(2_300);
    expect(finding).toMatchObject({
      ok: true,
      warning: 'check that there is foobar.com. A 203.0.113.7; check that there is www.foobar.com. A 203.0.113.7',
    });
    silent.close();
  });
});
