import { describe, expect, test } from 'vitest';
import type { Origin } from '../../src/import/origin.ts';
import { pointingOf, pointingText, requireNobodyThere } from '../../src/import/pointing.ts';
import type { Transport } from '../../src/transport/transport.ts';

const [old, own] = [['198.18.1.2', '2001:db8::1'], ['198.18.2.2']];

describe('a name before the last copy', () => {
  test.each([
    [
      'the old server',
      { A: ['198.18.1.2'], AAAA: ['2001:db8:0::1'] },
      false,
      'old',
      'a.test points to the old server (198.18.1.2, 2001:db8:0::1)',
    ],
    ['the new server', { A: ['198.18.2.2'] }, true, 'new', 'a.test points to the new server already (198.18.2.2)'],
    ['the new server, behind a proxy', { A: ['203.0.113.9'] }, true, 'new', 'a.test points to the new server already (203.0.113.9)'],
    [
      'both servers',
      { A: ['198.18.2.2', '198.18.1.2'] },
      false,
      'both',
      'a.test points to the new server and to others (198.18.2.2, 198.18.1.2)',
    ],
    [
      'a proxy',
      { A: ['203.0.113.9'] },
      false,
      'elsewhere',
      'a.test points to 203.0.113.9, which is neither the old server nor the new one: a proxy or CDN in front, or another server',
    ],
    ['the old server and another one', { A: ['198.18.1.2', '203.0.113.9'] }, false, 'elsewhere', expect.stringContaining('neither')],
    ['nothing', {}, false, 'nowhere', 'a.test has no address in DNS'],
    [
      'an unknown address, because no nameserver answers',
      { gap: 'unreachable' as const },
      false,
      'unknown',
      expect.stringContaining('unknown'),
    ],
  ])('points to %s', (_, lookup, isNew, to, text) => {
    const pointing = pointingOf({ name: 'a.test', A: [], AAAA: [], ...lookup }, old, own, isNew);
    expect([pointing.to, pointingText(pointing, 'server')]).toEqual([to, text]);
  });

  test('that points to the new server prevents the replacement of its database', () => {
    const at = (to: 'old' | 'new' | 'both', name: string) => ({ name, addresses: [], to });
    const require =
      (...all: Parameters<typeof requireNobodyThere>[0]) =>
      () =>
        requireNobodyThere(all, { host: 'new.test' } as Transport, { name: 'old.test' } as Origin);
    expect(require(at('old', 'a.test'))).not.toThrow();
    expect(require(at('old', 'a.test'), at('both', 'b.test'))).toThrow(/^b\.test points to new\.test already/);
    expect(require(at('new', 'a.test'), at('new', 'b.test'))).toThrow(
      /^a\.test, b\.test point to new\.test already.* with the one of old\.test\.$/,
    );
  });
});
