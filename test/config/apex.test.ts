import { expect, test } from 'vitest';
import { isApex } from '../../src/config/apex.ts';

test.each([
  ['foobar.com', true],
  ['foobar.co.uk', true],
  ['example.co.uk', true],
  ['shop.foobar.com', false],
  ['shop.bmw.de', false],
  ['docs.abc.de', false],
  ['shop.example.co.uk', false],
  ['co.uk', false],
  ['foobar.com.au', true],
  ['foobar.tokyo.jp', true],
  ['foobar.chiyoda.tokyo.jp', true],
  ['shop.foobar.tokyo.jp', false],
  ['city.kawasaki.jp', true],
  ['xn--mnchen-3ya.de', true],
  // 公司.cn is a public suffix.
  ['foobar.xn--55qx5d.cn', true],
  ['xn--55qx5d.cn', false],
  // What a provider lets its customers have is theirs, and no place for another name beside it.
  ['foobar.github.io', false],
  // Names of no public suffix, as in a network of one's own.
  ['foobar.test', true],
  ['shop.foobar.test', false],
])('%s: %s', async (domain, expected) => {
  expect(await isApex(domain)).toBe(expected);
});
