import { describe, expect, test } from 'vitest';
import { urlReplacer } from '../../src/database/replace-urls.ts';

const { replace } = urlReplacer({ from: ['shop.test', 'www.shop.test'], to: { name: 'staging.shop.example', scheme: 'https' } });
/** A text of PHP's in UTF-8, as the bytes that a dump has. */
const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const s = (text: string) => `s:${Buffer.byteLength(text)}:"${text}";`;
const old = 'http://shop.test/a';
const now = 'https://staging.shop.example/a';

describe('addresses in texts', () => {
  test.each([
    ['See http://shop.test/a and https://www.shop.test.', 'See https://staging.shop.example/a and https://staging.shop.example.'],
    ['//shop.test/x', '//staging.shop.example/x'],
    ['{"u":"http:\\/\\/shop.test\\/a"}', '{"u":"https:\\/\\/staging.shop.example\\/a"}'],
    ['{\\"u\\":\\"http:\\\\\\/\\\\\\/shop.test\\"}', '{\\"u\\":\\"https:\\\\\\/\\\\\\/staging.shop.example\\"}'],
    ['?to=http%3A%2F%2Fshop.test%2Fa', '?to=https%3A%2F%2Fstaging.shop.example%2Fa'],
    ['HTTP://SHOP.TEST/', 'https://staging.shop.example/'],
    ['shop.test', 'staging.shop.example'],
    ['me@shop.test', 'me@shop.test'],
    ['http://shop.test.evil/ http://shop.testing/ http://myshop.test/', 'http://shop.test.evil/ http://shop.testing/ http://myshop.test/'],
    ['http://shop.test:8080/', 'http://shop.test:8080/'],
  ])('%s', (text, expected) => expect(replace(text)).toBe(expected));
});

describe('serialized values of PHP', () => {
  const nested = (url: string) => `a:2:{s:3:"url";${s(url)}s:4:"deep";${s(`a:1:{i:0;${s(url)}}`)}}`;
  test.each([
    ['a text', s(old), s(now)],
    ['an array in a text in an array', nested(old), nested(now)],
    ['three levels', s(s(s(old))), s(s(s(now)))],
    ['an object with private properties', `O:3:"Foo":1:{s:8:"\0Foo\0url";${s(old)}}`, `O:3:"Foo":1:{s:8:"\0Foo\0url";${s(now)}}`],
    [
      'numbers, booleans, null and references',
      `a:7:{i:0;i:-5;i:1;d:0.1;i:2;b:1;i:3;N;i:4;R:2;i:5;d:1.0E+25;i:6;${s(old)}}`,
      `a:7:{i:0;i:-5;i:1;d:0.1;i:2;b:1;i:3;N;i:4;R:2;i:5;d:1.0E+25;i:6;${s(now)}}`,
    ],
    ['a text that looks like the end of one', s(`x";s:1:"y";}${old}`), s(`x";s:1:"y";}${now}`)],
    ['letters of several bytes', bytes(s(`ü😀 ${old}`)), bytes(s(`ü😀 ${now}`))],
    ['JSON in a text', s('{"u":"http:\\/\\/shop.test"}'), s('{"u":"https:\\/\\/staging.shop.example"}')],
    ['an object with its own form', `C:3:"Foo":${s(old).length}:{${s(old)}}`, `C:3:"Foo":${s(now).length}:{${s(now)}}`],
    ['an enumeration', `a:2:{i:0;E:7:"Foo:Bar";i:1;${s(old)}}`, `a:2:{i:0;E:7:"Foo:Bar";i:1;${s(now)}}`],
    ['a key, which stays', `a:1:{${s(old)}i:1;}`, `a:1:{${s(old)}i:1;}`],
    [
      'one of a table in Latin-1, whose lengths count characters',
      bytes(`s:${old.length + 1}:"ü${old}";`),
      bytes(`s:${now.length + 1}:"ü${now}";`),
    ],
    ['a broken one, as text', `a:1:{i:0;s:99:"${old}";}`, `a:1:{i:0;s:99:"${now}";}`],
  ])('%s', (_, value, expected) => expect(replace(value)).toBe(expected));

  test('a value that is nested too deeply does not crash the process', () => {
    const deep = `${'a:1:{i:0;'.repeat(100_000)}${s(old)}${'}'.repeat(100_000)}`;
    expect(replace(deep)).toContain(now);
  });
});
