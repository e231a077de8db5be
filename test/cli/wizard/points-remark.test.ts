import { expect, it } from 'vitest';
import { pointsRemark } from '../../../src/cli/wizard/points-remark.ts';
import type { Lookup } from '../../../src/dns/lookup.ts';

const host = '203.0.113.5';
const here = { A: [host], AAAA: [] };
const none = { A: [], AAAA: [] };
const end = `The host is ${host}. You can go on: HTTPS begins when the names point to it.`;

it.each<[string, Omit<Lookup, 'name'>, Omit<Lookup, 'name'>, string | undefined]>([
  ['all point to the host', here, here, undefined],
  ['nobody can be asked', { ...none, gap: 'unreachable' }, here, undefined],
  ['neither exists', none, none, `a.com has no address in DNS; www.a.com has no address in DNS. ${end}`],
  [
    'one points elsewhere',
    here,
    { A: ['198.51.100.7'], AAAA: ['2001:db8::7'] },
    `www.a.com points to 198.51.100.7 and 2001:db8::7. ${end}`,
  ],
])('says where names point: %s', async (_, apex, www, remark) => {
  expect(await pointsRemark('a.com', host, async (name) => ({ name, ...(name === 'a.com' ? apex : www) }))).toBe(remark);
});
