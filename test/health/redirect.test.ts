import { expect, test } from 'vitest';
import type { HttpCheck } from '../../src/health/http.ts';
import { redirected } from '../../src/health/redirect.ts';

const check: HttpCheck = {
  port: 80,
  host: 'www.foobar.com',
  path: '/a/',
  status: 200,
  follow: ['www.foobar.com', 'foobar.com'],
};

test.each([
  [302, '/install.php?step=1#top', { host: 'www.foobar.com', path: '/install.php?step=1' }],
  [301, 'b', { host: 'www.foobar.com', path: '/a/b' }],
  [308, 'http://FOOBAR.com/', { host: 'foobar.com', path: '/' }],
  [303, '//foobar.com:80/x', { host: 'foobar.com', path: '/x' }],
  [307, 'https://www.foobar.com/', undefined],
  [302, 'http://www.foobar.com:8080/', undefined],
  [302, 'http://example.com/', undefined],
  [302, 'http://[/', undefined],
  [302, undefined, undefined],
  [304, '/', undefined],
  [200, '/', undefined],
])('%i to %s', (status, location, next) => {
  expect(redirected(check, check, status, location)).toEqual(next);
});

test.each([
  ['https://www.foobar.com/x', { host: 'www.foobar.com', path: '/x', isSecure: true }],
  ['https://www.foobar.com:8443/', undefined],
  ['https://example.com/', undefined],
])('to %s, if the site has HTTPS', (location, next) => {
  expect(redirected({ ...check, secure: 443 }, check, 301, location)).toEqual(next);
});

test('from HTTPS to a path, a name and HTTP again', () => {
  const secure = { ...check, secure: 443 };
  const asked = { host: 'www.foobar.com', path: '/a/', isSecure: true };
  expect(redirected(secure, asked, 302, 'b')).toEqual({ host: 'www.foobar.com', path: '/a/b', isSecure: true });
  expect(redirected(secure, asked, 302, '//foobar.com/')).toEqual({ host: 'foobar.com', path: '/', isSecure: true });
  expect(redirected(secure, asked, 302, 'http://foobar.com/')).toEqual({ host: 'foobar.com', path: '/' });
});

test('none without names to follow, and none from the expected answer', () => {
  const { follow: _, ...alone } = check;
  expect(redirected(alone, check, 302, '/')).toBeUndefined();
  expect(redirected({ ...check, status: 302 }, check, 302, '/')).toBeUndefined();
});
