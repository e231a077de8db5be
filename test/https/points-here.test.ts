import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import type { Lookup } from '../../src/dns/lookup.ts';
import { type Here, pointsToHost } from '../../src/https/points-here.ts';

const here = { addresses: ['203.0.113.7', '2001:db8::7'], isPublic: false };
const lookup = (more: Partial<Lookup>): Lookup => ({ name: 'www.foobar.com', A: [], AAAA: [], ...more });

describe('whether a name points to this host', () => {
  test.each<readonly [string, Partial<Lookup>, boolean | undefined, Partial<Here>]>([
    ['by one address', { A: ['203.0.113.7'] }, true, {}],
    ['by both', { A: ['203.0.113.7'], AAAA: ['2001:DB8:0::7'] }, true, {}],
    ['and elsewhere, which a CA may try first', { A: ['203.0.113.7'], AAAA: ['2001:db8::9'] }, false, {}],
    ['no longer', { A: ['203.0.113.9'] }, false, {}],
    ['nowhere', {}, false, {}],
    ['nobody knows', { gap: 'unreachable' }, undefined, {}],
    ['its nameservers fail', { gap: 'failing' }, false, {}],
    ['inside a network alone', { A: ['10.0.0.7'] }, true, { addresses: ['10.0.0.7'] }],
    ['inside a network alone, where a public CA is to come', { A: ['10.0.0.7'] }, false, { addresses: ['10.0.0.7'], isPublic: true }],
  ])('%s: %o', async (_, found, expected, more) => {
    expect(await pointsToHost(lookup(found), { ...here, ...more })).toBe(expected);
  });
});

/** A server on port 80 of a separate loopback address, like a router or a proxy in front of a host. */
async function proxied(address: string, body: string, token: string | undefined): Promise<boolean | undefined> {
  const server = createServer((request, response) => {
    const isAsked = request.headers.host === 'www.foobar.com' && request.url === '/.well-known/foobar-provision';
    response.end(isAsked ? body : 'other');
  }).listen(80, address);
  await once(server, 'listening');
  try {
    return await pointsToHost(lookup({ A: [address] }), { ...here, ...(token && { token: new Secret(token) }) });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe.skipIf(process.getuid?.() !== 0)('through a router or a proxy', () => {
  test.each([
    ["that passes on the host's own token", 'nginx serves foobar.com Xyz123', 'Xyz123', true],
    ["that passes on another host's", 'nginx serves foobar.com Abc', 'Xyz123', false],
    ['before a host that has none yet', 'nginx serves foobar.com Xyz123', undefined, false],
    ['that does not end', 'x'.repeat(1_000_000), 'Xyz123', false],
  ])('%s', async (_, body, token, expected) => {
    expect(await proxied('127.0.80.80', body, token)).toBe(expected);
  });

  test('if nobody answers', async () => {
    expect(await pointsToHost(lookup({ A: ['127.0.80.81'] }), { ...here, token: new Secret('Xyz123') })).toBe(false);
  });
});
