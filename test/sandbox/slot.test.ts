import { describe, expect, test } from 'vitest';
import { firewallRules } from '../../src/sandbox/rules.ts';
import { slotAt, slots } from '../../src/sandbox/slot.ts';

test.each([
  [0, '198.18.0.1', '198.18.0.2', 'fpsb0'],
  [1, '198.18.0.5', '198.18.0.6', 'fpsb1'],
  [64, '198.18.1.1', '198.18.1.2', 'fpsb64'],
  [16_384, '198.19.0.1', '198.19.0.2', 'fpsb16384'],
  [slots - 1, '198.19.255.253', '198.19.255.254', 'fpsb32767'],
])('network %i is %s and %s', (number, gateway, address, device) => {
  expect(slotAt(number)).toEqual({ number, gateway, address, device, namespace: device });
});

test.each([-1, slots, 0.5, Number.NaN])('there is no network %d', (number) => {
  expect(() => slotAt(number)).toThrow(RangeError);
});

describe('firewall rules are for one host', () => {
  const text = (forward: 'open' | 'guarded') =>
    firewallRules(slotAt(0), forward).map(({ table, chain, words }) => [table, chain, ...words].join(' '));

  test('if forwarding is open', () => {
    expect(text('open')).toEqual(['nat POSTROUTING -s 198.18.0.2/32 ! -d 198.18.0.0/15 -j MASQUERADE']);
  });

  test('if forwarding is filtered', () => {
    expect(text('guarded').slice(1)).toEqual([
      'filter FORWARD -s 198.18.0.2/32 -j ACCEPT',
      'filter FORWARD -d 198.18.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ]);
  });
});
