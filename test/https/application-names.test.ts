import { describe, expect, test } from 'vitest';
import { type Destination, followApplication, parseDestination } from '../../src/https/application-names.ts';
import { config } from '../playbooks/configs.ts';

const [apex, www] = ['example.com', 'www.example.com'];
const site = (canonical: string) =>
  config({ domain: apex, names: [canonical, canonical === apex ? www : apex], https: { certificate: { kind: 'self-signed' } } }).sites[0];
const secure = (name: string, isOwn = true): Destination => ({ kind: 'secure', name, isOwn });
const plain = (name: string): Destination => ({ kind: 'plain', name });

test.each<[string, Destination | undefined]>([
  ['', undefined],
  ['example.com https example.com', secure(apex, false)],
  ['example.com https www.example.com', secure(www)],
  ['example.com http example.com', plain(apex)],
  ['example.com circle', { kind: 'circle' }],
  ['example.com unknown', { kind: 'unknown' }],
])('%j', (text, expected) => {
  expect(parseDestination(text)).toEqual(expected);
});

/** Returns where a visitor to an address ends, after the site's redirects and the application's, or undefined in a loop. */
function endOf(address: string, [canonical = '']: readonly string[], redirects: boolean, application: (address: string) => string) {
  let at = address;
  for (let hops = 0; hops < 10; hops++) {
    const next = redirects && at !== `https://${canonical}` ? `https://${canonical}` : application(at);
    if (next === at) return at;
    at = next;
  }
  return undefined;
}

describe('there is no redirect loop, whatever the application and the configuration say', () => {
  const applications: readonly (readonly [string, (address: string) => string])[] = [
    ['nothing', (address) => address],
    ...[apex, www].flatMap((name): [string, (address: string) => string][] => [
      [`the name ${name}`, (address) => address.replace(/\/\/.*/, `//${name}`)],
      [`https://${name}`, () => `https://${name}`],
      [`http://${name}`, () => `http://${name}`],
    ]),
    ['http', (address) => address.replace('https', 'http')],
    ['https', (address) => address.replace(/^https?/, 'https')],
  ];
  const addresses = ['http', 'https'].flatMap((scheme) => [apex, www].map((name) => `${scheme}://${name}`));
  const cases = applications.flatMap(([believes, application]) =>
    [apex, www].flatMap((ours) => addresses.map((from) => [believes, ours, from, application] as const)),
  );

  /** Follows redirects like `ask names`. */
  const destinationOf = (start: string, application: (address: string) => string): Destination => {
    const end = endOf(`https://${start}`, [start], false, (at) => (at.startsWith('http:') ? at : application(at))) ?? '';
    const name = end.replace(/.*\//, '');
    return end.startsWith('https:') ? secure(name, name !== start) : plain(name);
  };

  test.each(cases)('the application uses %s, the configuration %s, and a visitor requests %s', (_, ours, from, application) => {
    const followed = followApplication(site(ours), destinationOf(ours, application), {}).site;
    expect(endOf(from, followed.names, followed.https.redirects, application)).toBeDefined();
  });
});

test.each<[string, Destination | undefined, Parameters<typeof followApplication>[2], string, boolean]>([
  ['nothing is live yet', undefined, {}, apex, true],
  ['it has no name of its own', secure(apex, false), {}, apex, true],
  ['it leads to another', secure(www), {}, www, true],
  ['it redirects to a name that is not the site’s', secure('other.example'), {}, apex, true],
  ['it leads to one that does not point here', secure(www), { pointingNames: [apex] }, apex, false],
  ['it leads to HTTP', plain(apex), {}, apex, false],
  ['it goes in a circle', { kind: 'circle' }, {}, apex, false],
  ['it cannot be asked', { kind: 'unknown' }, {}, apex, true],
  ['it cannot be asked, and led to another', { kind: 'unknown' }, { former: { canonical: www, isOpen: false } }, www, true],
  ['it cannot be asked, and led to HTTP', { kind: 'unknown' }, { former: { canonical: apex, isOpen: true } }, apex, false],
])('%s', (_, destination, known, canonical, redirects) => {
  const { site: followed, notes } = followApplication(site(apex), destination, known);
  expect([followed.names[0], followed.https.redirects]).toEqual([canonical, redirects]);
  const isQuiet = destination === undefined || destination.kind === 'unknown' || (canonical === apex && redirects);
  expect(notes.length).toBe(isQuiet ? 0 : 1);
});
