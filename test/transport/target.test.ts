import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Problem } from '../../src/error.ts';
import { parseTarget } from '../../src/transport/target.ts';

describe('parseTarget', () => {
  test.each([
    ['web', { host: 'web' }],
    ['www.foobar.com', { host: 'www.foobar.com' }],
    ['root@web', { user: 'root', host: 'web' }],
    ['web:2222', { host: 'web', port: 2222 }],
    ['deploy@192.0.2.7:22', { user: 'deploy', host: '192.0.2.7', port: 22 }],
    ['[2001:db8::1]', { host: '2001:db8::1' }],
    ['root@[2001:db8::1]:2222', { user: 'root', host: '2001:db8::1', port: 2222 }],
    ['[fe80::1%eth0]:22', { host: 'fe80::1%eth0', port: 22 }],
    ['me@example.com@web', { user: 'me@example.com', host: 'web' }],
    ['prod_web-1', { host: 'prod_web-1' }],
  ])('%s', (text, expected) => {
    expect(parseTarget(text)).toEqual({ text, ...expected });
  });

  test.each([
    ['', /\[user@\]host/],
    ['root@', /\[user@\]host/],
    ['@web', /\[user@\]host/],
    ['web:', /\[user@\]host/],
    ['web:ssh', /\[user@\]host/],
    ['web:0', /1 to 65535/],
    ['web:65536', /1 to 65535/],
    ['a b', /\[user@\]host/],
    ['ssh://root@web', /scheme/],
    ['2001:db8::1', /brackets/],
    ['[web]', /\[user@\]host/],
    ['-oProxyCommand=sh', /dash/],
    ['-l@web', /dash/],
    ['we\u0007b', /control/],
    ['r t@web', /spaces/],
  ])('refuses %j', (text, hint) => {
    expect(() => parseTarget(text)).toThrow(Problem);
    try {
      parseTarget(text);
    } catch (error) {
      expect(error).toMatchObject({ exit: 1, details: { hint: expect.stringMatching(hint) } });
    }
  });

  test('any text is either a target that ssh accepts or a usage problem', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parseTarget(text).host).toMatch(/^[^-\s]\S*$/);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
    );
  });
});
