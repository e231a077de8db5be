import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { letsEncrypt } from '../../src/config/lets-encrypt.ts';
import { decide } from '../../src/https/decide.ts';
import { opened } from '../operations/scenario.ts';
import { config } from '../playbooks/configs.ts';

const types = { A: 1, CAA: 257 } as const;
const here = '192.0.2.1';
const elsewhere = '203.0.113.9';

/** The records of all zones: addresses by name, and the CA that CAA records allow, by zone. */
let zones: { readonly A: Readonly<Record<string, string>>; readonly CAA: Readonly<Record<string, string>> };

/** Returns a nameserver's answer to a query with one question, with a record from `zones` if they have one. */
function answer(query: Buffer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; at += length + 1, length = query[at] ?? 0)
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
  const [name, type, question] = [labels.join('.').toLowerCase(), query.readUInt16BE(at + 1), query.subarray(12, at + 5)];
  const address = type === types.A ? zones.A[name] : undefined;
  const issuer = type === types.CAA ? zones.CAA[name] : undefined;
  const data = address
    ? Buffer.from(address.split('.').map(Number))
    : issuer
      ? Buffer.concat([Buffer.of(0, 5), Buffer.from(`issue${issuer}`)])
      : undefined;
  const header = Buffer.concat([query.subarray(0, 2), Buffer.of(0x85, 0x80, 0, 1, 0, data ? 1 : 0, 0, 0, 0, 0)]);
  if (!data) return Buffer.concat([header, question]);
  // A pointer to the name in the question, the type, the class, a time to live of 0, and the data with its length.
  return Buffer.concat([header, question, Buffer.of(0xc0, 12, type >> 8, type & 255, 0, 1, 0, 0, 0, 0, 0, data.length), data]);
}

const nameserver = createSocket('udp4', (query, { port, address }) => nameserver.send(answer(query), port, address));
const before = process.env.FOOBAR_DNS_SERVERS;
beforeAll(async () => {
  nameserver.bind(0, '127.0.0.1');
  await once(nameserver, 'listening');
  process.env.FOOBAR_DNS_SERVERS = `127.0.0.1:${nameserver.address().port}`;
});
afterAll(() => {
  if (before === undefined) delete process.env.FOOBAR_DNS_SERVERS;
  else process.env.FOOBAR_DNS_SERVERS = before;
  nameserver.close();
});

/** Decides about a site whose names point to these addresses, and whose zone's CAA records allow this CA. */
async function decided(
  domain: string,
  apex: string,
  www: string,
  issuer: string | undefined,
  directory: string = letsEncrypt.directory,
  issuerOf?: string,
) {
  zones = { A: { [domain]: apex, [`www.${domain}`]: www }, CAA: issuer === undefined ? {} : { [issuerOf ?? domain]: issuer } };
  const { session, transport } = await opened({ playbooks: [] });
  const wanted = config({ domain, https: { certificate: { kind: 'auto', acme: { directory } } } });
  const { notes, waiting, ...decision } = await decide(wanted, session.survey, transport);
  return { notes, waiting, certificate: decision.config.sites[0].https.certificate.kind };
}

describe('automatic HTTPS', () => {
  const forbidden = (domain: string, zone = domain) =>
    `CAA records in DNS do not allow Let's Encrypt to issue a certificate for ${domain}: create ${zone}. CAA 0 issue "letsencrypt.org".`;
  const change = (name: string) => `change ${name}. A ${elsewhere} to ${name}. A ${here}`;
  // Each row has another domain, because a recent lookup is reused.
  const [a, b, c, d, e, f, g, h] = ['a.test', 'b.test', 'c.test', 'd.test', 'e.test', 'f.test', 'g.test', 'h.test'];
  const all = `${change(`www.${d}`)}; ${change(d)}; create ${d}. CAA 0 issue "letsencrypt.org"`;

  test.each<[string, Parameters<typeof decided>, Awaited<ReturnType<typeof decided>>]>([
    ['starts if all names point here', [a, here, here, undefined], { notes: [], waiting: [], certificate: 'acme' }],
    [
      'names the missing CAA record if all names point here',
      [b, here, here, 'ca.example'],
      { notes: [forbidden(b)], waiting: [], certificate: 'acme' },
    ],
    [
      'names the missing CAA record of one of the names',
      [g, here, here, 'ca.example', letsEncrypt.directory, `www.${g}`],
      { notes: [forbidden(g, `www.${g}`)], waiting: [], certificate: 'acme' },
    ],
    [
      'names the missing CAA record of the other name',
      [h, here, here, 'ca.example', letsEncrypt.directory, h],
      { notes: [forbidden(h)], waiting: [], certificate: 'acme' },
    ],
    [
      'starts for the name that points here, and names what the other one and the CA need',
      [c, elsewhere, here, 'ca.example'],
      {
        notes: [`www.${c} gets HTTPS; HTTPS for ${c} waits for DNS: ${change(c)}.`, forbidden(c)],
        waiting: [],
        certificate: 'acme',
      },
    ],
    [
      'waits if no name points here, and names all records in one sentence',
      [d, elsewhere, elsewhere, 'ca.example'],
      { notes: [`HTTPS for ${d} waits for DNS: ${all}.`], waiting: [{ domain: d, advice: all }], certificate: 'none' },
    ],
    [
      'has nothing to say about CAA records that allow the CA',
      [e, here, here, 'letsencrypt.org'],
      { notes: [], waiting: [], certificate: 'acme' },
    ],
    [
      'has nothing to say about CAA records if the CA is another one',
      [f, here, here, 'ca.example', 'https://ca.test/directory'],
      { notes: [], waiting: [], certificate: 'acme' },
    ],
  ])('%s', async (_, given, expected) => {
    expect(await decided(...given)).toEqual(expected);
  });
});
