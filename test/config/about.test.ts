import { describe, expect, test } from 'vitest';
import { type About, aboutOf, canonicalChanges, isSameDemand, renamed, requireAgreement } from '../../src/config/about.ts';
import type { Config } from '../../src/config/config.ts';
import { config } from '../playbooks/configs.ts';

const one: Config = { ...config({ domain: 'one.test', names: ['one.test', 'shop.test'] }), name: 'one', timezone: 'Europe/Berlin' };
const other: Config = { ...config({ domain: 'other.test' }, { domain: 'third.test' }), name: 'other' };
const first = aboutOf(one);

describe('what a configuration states about the host', () => {
  test('the first decides, whatever others say later', () => {
    expect(first).toMatchObject({ decides: true, timezone: 'Europe/Berlin', shared: { php: 1 } });
    expect(first).not.toHaveProperty('locale');
    expect(aboutOf(one, [aboutOf(other, [first])])).toMatchObject({ decides: true, timezone: 'Europe/Berlin', shared: { php: 3 } });
  });

  test('a later configuration adopts the settings of the first', () => {
    expect(aboutOf(other, [first])).toMatchObject({ decides: false, timezone: 'Europe/Berlin', demand: { php: 2 }, shared: { php: 3 } });
  });

  test('the demand of others counts, even if only a later version knows the runtime', () => {
    const later = { ...first, demand: { php: 1, later: 2, queues: 3 } };
    expect(aboutOf(other, [later]).shared).toEqual({ php: 3, python: 0, node: 0, command: 0, later: 2, queues: 3 });
  });

  test('when the first is removed, the next to be applied decides', () => {
    const third = aboutOf({ ...other, name: 'third' }, [first]);
    expect(aboutOf(other, [third])).toMatchObject({ decides: true });
    expect(aboutOf(other, [third])).not.toHaveProperty('timezone');
  });
});

test('a record without Node.js belongs to a host without Node.js sites', () => {
  expect(isSameDemand({ php: 1, queues: 0 }, { php: 1, node: 0, queues: 0 })).toBe(true);
  expect(isSameDemand({ php: 1, queues: 0 }, { php: 1, node: 1, queues: 0 })).toBe(false);
});

test.each<[string, Config, readonly string[]]>([
  ['as it was', one, []],
  ['one more', config({ domain: 'one.test' }, { domain: 'new.test' }), []],
  [
    'renamed',
    config({ domain: 'new.test' }),
    [
      expect.stringMatching(
        /^one\.test is removed, and new\.test is new\. .* name: 'one_test', user: 'one_test' .* \/srv\/www\/one\.test\/shared\.$/,
      ),
    ],
  ],
])('of a configuration with one site, %s: says what changes for it', (_, now, expected) => {
  expect(renamed(now, first)).toEqual(expected);
});

describe('two configurations of a host', () => {
  test.each<[string, Config, readonly About[]]>([
    ['alone', { ...other, timezone: 'Asia/Tokyo' }, []],
    ['of other sites', other, [first]],
    ['of which both say the same', { ...other, timezone: 'Europe/Berlin' }, [first]],
    ['of which this one is the first', one, [aboutOf({ ...other, timezone: 'Asia/Tokyo' }, [first])]],
  ])('agree: %s', (_, mine, others) => {
    expect(() => requireAgreement(mine, others)).not.toThrow();
  });

  test.each<[string, Config, string]>([
    [
      'another time zone',
      { ...other, timezone: 'Asia/Tokyo' },
      'This configuration sets timezone: "Asia/Tokyo", but one, which was on this host first, has "Europe/Berlin".',
    ],
    [
      'another locale',
      { ...other, locale: 'de_DE.UTF-8' },
      'locale: "de_DE.UTF-8", but one, which was on this host first, leaves it as the host\'s owner has it',
    ],
    [
      'a size of swap',
      { ...other, swap: 512 },
      "This configuration sets swap: 512, but one, which was on this host first, sizes it by the host's memory.",
    ],
    [
      'one of its names',
      { ...config({ domain: 'new.test', names: ['new.test', 'shop.test'] }), name: 'other' },
      'shop.test is served on this host by another configuration, one.',
    ],
  ])('do not: %s', (_, mine, message) => {
    expect(() => requireAgreement(mine, [first])).toThrow(message);
  });
});

describe('which name is canonical', () => {
  const [www, apex] = ['www.one.test', 'one.test'];
  const site = (names: readonly string[], kind: 'none' | 'self-signed' = 'self-signed') =>
    config({ domain: apex, names, https: { certificate: { kind } } });

  test.each<[string, Config, Config, readonly string[]]>([
    ['stays', site([apex, www]), site([apex, www]), []],
    [
      'is told where it changes, with the way to keep it',
      site([www, apex]),
      site([apex, www]),
      [
        "one.test becomes the canonical name of its site, and www.one.test, which was, redirects to it. To keep www.one.test, set domain: 'www.one.test'.",
      ],
    ],
    [
      'is told of an alias',
      site(['alias.test', apex]),
      site([apex, 'alias.test']),
      ['one.test becomes the canonical name of its site, and alias.test, which was, redirects to it.'],
    ],
    ['is not reported where nothing redirects yet', site([www, apex], 'none'), site([apex, www]), []],
    ['is not reported for a name that was removed', site([www, apex]), site([apex]), []],
    ['is not reported for another site', config({ domain: 'other.test' }), site([apex, www]), []],
  ])('%s', (_, before, now, expected) => {
    expect(canonicalChanges(now, aboutOf(before))).toEqual(expected);
  });
});
