import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { domainName, identifierOf, namesOf } from '../../src/config/domain.ts';
import { Problem } from '../../src/error.ts';

describe('domainName', () => {
  test.each([
    ['foobar.com', 'foobar.com'],
    ['FooBar.COM', 'foobar.com'],
    [' foobar.com ', 'foobar.com'],
    ['foobar.com.', 'foobar.com'],
    ['www.foobar.com', 'www.foobar.com'],
    ['münchen.de', 'xn--mnchen-3ya.de'],
    ['MÜNCHEN.de', 'xn--mnchen-3ya.de'],
    ['xn--mnchen-3ya.de', 'xn--mnchen-3ya.de'],
    ['faß.de', 'xn--fa-hia.de'],
    ['foobar。com', 'foobar.com'],
    ['1and1.com', '1and1.com'],
    ['a-b.c-d.example', 'a-b.c-d.example'],
    [`${'a'.repeat(63)}.com`, `${'a'.repeat(63)}.com`],
  ])('%j is %s', (name, expected) => {
    expect(domainName(name)).toBe(expected);
  });

  test.each([
    ['', undefined],
    ['foobar', undefined],
    ['localhost', undefined],
    ['.', undefined],
    ['foobar..com', undefined],
    ['-foobar.com', undefined],
    ['foobar-.com', undefined],
    ['foo_bar.com', undefined],
    ['foo bar.com', undefined],
    ['*.foobar.com', undefined],
    ['192.0.2.7', undefined],
    ['192.168.1', undefined],
    ['0x7f.1', undefined],
    ['[2001:db8::7]', undefined],
    ['foobar.com;id', undefined],
    ['xn--a.com', undefined],
    ['foo%2ebar.com', undefined],
    [`${'a'.repeat(64)}.com`, undefined],
    [`${'a.'.repeat(126)}com`, undefined],
    ['https://www.foobar.com/', 'www.foobar.com'],
    ['https://foobar.com', 'foobar.com'],
    ['foobar.com/shop?x#y', 'foobar.com'],
    ['foobar.com:8080', 'foobar.com'],
    ['http://me:pw@foobar.com:80/', 'foobar.com'],
    ['root@foobar.com', 'foobar.com'],
  ])('%j is not a domain; the suggestion is %j', (name, meant) => {
    try {
      domainName(name);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      expect(error.message).toBe(`"${name}" is not a domain name.`);
      expect(/it would be (\S+)\.$/.exec(error.details.hint ?? '')?.[1]).toBe(meant);
    }
  });

  test('any input results in a name that a vhost can hold, or in a problem', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.domain()), (name) => {
        try {
          expect(domainName(name)).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('namesOf', () => {
  test.each([
    ['foobar.com', [], undefined, 'foobar.com', ['foobar.com', 'www.foobar.com']],
    ['www.foobar.com', [], undefined, 'foobar.com', ['www.foobar.com', 'foobar.com']],
    ['www.foobar.com', [], false, 'foobar.com', ['www.foobar.com', 'foobar.com']],
    ['foobar.com', [], true, 'foobar.com', ['www.foobar.com', 'foobar.com']],
    ['foobar.com', [], false, 'foobar.com', ['foobar.com']],
    ['foobar.co.uk', [], undefined, 'foobar.co.uk', ['foobar.co.uk', 'www.foobar.co.uk']],
    ['shop.foobar.com', [], undefined, 'shop.foobar.com', ['shop.foobar.com']],
    ['docs.abc.de', [], undefined, 'docs.abc.de', ['docs.abc.de']],
    ['www.docs.abc.de', [], undefined, 'docs.abc.de', ['www.docs.abc.de', 'docs.abc.de']],
    ['shop.foobar.com', [], true, 'shop.foobar.com', ['www.shop.foobar.com', 'shop.foobar.com']],
    // What a registry has called so is the domain itself.
    ['www.co.uk', [], undefined, 'www.co.uk', ['www.co.uk', 'www.www.co.uk']],
    ['www.com', [], undefined, 'www.com', ['www.com', 'www.www.com']],
    [
      'foobar.com',
      ['Münster.de.', 'foobar.com', 'x.test'],
      undefined,
      'foobar.com',
      ['foobar.com', 'www.foobar.com', 'xn--mnster-3ya.de', 'x.test'],
    ],
    // The order of before, for who wants the one name canonical and the other an alias.
    ['foobar.com', ['www.foobar.com'], false, 'foobar.com', ['foobar.com', 'www.foobar.com']],
  ] as const)('%s with %j, www %s', async (given, aliases, www, domain, names) => {
    expect(await namesOf(given, aliases, www)).toEqual({ domain, names });
  });
});

describe('identifierOf', () => {
  test.each([
    ['foobar.com', 'foobar_com'],
    ['a-b.com', 'a__b_com'],
    ['a.b.com', 'a_b_com'],
    ['1and1.com', '_1and1_com'],
    ['xn--mnchen-3ya.de', 'xn____mnchen__3ya_de'],
    [`${'a'.repeat(28)}.com`, `${'a'.repeat(28)}_com`],
    [`${'a'.repeat(29)}.com`, 'aaaaaaaaaaaaaaaaaaaaaaa_7e283167'],
  ])('%s is %s', (domain, identifier) => {
    expect(identifierOf(domain)).toBe(identifier);
  });

  test('is accepted by useradd, and unique to its domain', () => {
    const label = fc.stringMatching(/^[a1]([a1-]{0,14}[a1])?$/);
    const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => [...labels, 'com'].join('.'));
    fc.assert(
      fc.property(domain, domain, (one, other) => {
        expect(identifierOf(one)).toMatch(/^[a-z_][a-z0-9_]{0,31}$/);
        expect(identifierOf(one) === identifierOf(other)).toBe(one === other);
      }),
    );
  });
});
