import { describe, expect, test } from 'vitest';
import type { Overrides } from '../../src/config-file/complete.ts';
import type { UserConfig } from '../../src/index.ts';
import { type Connect, connectWhileResolving } from '../../src/operations/connect.ts';
import { resolveConfig } from '../../src/operations/resolve-config.ts';

const resolved = (user: UserConfig, overrides: Overrides = {}) => resolveConfig({ user, overrides }, () => {});
const both = { web: ['a'], database: ['a'] };
const apart = { web: ['a', 'b'], database: ['c'], balancer: ['d'] };

describe('the servers of a configuration', () => {
  test.each<readonly [string, UserConfig, Overrides, readonly string[]]>([
    ['one', { server: 'a' }, {}, ['a']],
    ['one by its roles', { servers: both }, {}, ['a']],
    ['a database server alone', { servers: { database: ['a'] } }, {}, ['a']],
    ['a web server without a database', { servers: { web: ['a'] }, database: { engine: 'none' } }, {}, ['a']],
    ['one of several, by --host', { servers: apart }, { host: 'c' }, ['c']],
    ['one of several, by the target', { servers: apart }, { server: 'c' }, ['c']],
  ])('are the targets: %s', async (_, user, overrides, expected) => {
    const { targets, config } = await resolved(user, overrides);
    expect(targets.map(({ name }) => name)).toEqual(expected);
    expect(config.hosts).toHaveLength(user.servers === apart ? 4 : 1);
  });

  test.each<readonly [string, UserConfig, Overrides, string]>([
    ['several', { servers: apart }, {}, 'The configuration names several servers: d, a, b, c. So far only one can be set up.'],
    [
      'a web server whose database is on another',
      { servers: apart },
      { host: 'a' },
      'So far a site and its database must be on the same server.',
    ],
    ['a balancer alone', { servers: apart }, { host: 'd' }, 'd has only the role balancer, for which nothing is set up so far.'],
  ])('are a problem: %s', async (_, user, overrides, message) => {
    await expect(resolved(user, overrides)).rejects.toMatchObject({ message: expect.stringContaining(message), exit: 1 });
  });

  test('are a problem before a connection if there are several', async () => {
    const connect: Connect = () => Promise.reject(new TypeError('dialed'));
    const context = { emit: () => {}, signal: new AbortController().signal };
    const opening = connectWhileResolving({ user: { servers: apart }, overrides: {} }, connect, context);
    await expect(opening).rejects.toThrow('So far only one can be set up.');
  });
});
