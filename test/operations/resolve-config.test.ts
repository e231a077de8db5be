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
    ['a web server and one for its database', { servers: { web: ['a'], database: ['b'] } }, {}, ['a', 'b']],
  ])('are the targets: %s', async (_, user, overrides, expected) => {
    const { targets, config } = await resolved(user, overrides);
    expect(targets.map(({ name }) => name)).toEqual(expected);
    expect(config.hosts).toHaveLength(user.servers === apart ? 4 : Math.max(1, expected.length));
  });

  test.each<readonly [string, UserConfig, Overrides, string]>([
    [
      'several',
      { servers: apart },
      {},
      'The configuration names the servers d (balancer), a (web), b (web), c (database). So far only one can be set up, or two',
    ],
    [
      'a web server whose database is on another',
      { servers: apart },
      { host: 'a' },
      'a has the role web without the role database, and foobar.com has a database.',
    ],
    [
      'backups with the database on another server',
      { servers: { web: ['a'], database: ['b'] }, backups: { to: '/srv/backups' } },
      {},
      'Backups are not made so far if the sites and their databases are on two servers.',
    ],
    [
      'MySQL on a server of its own',
      { servers: { web: ['a'], database: ['b'] }, database: { engine: 'mysql' } },
      {},
      'foobar.com asks for MySQL. So far a database on a server of its own is MariaDB.',
    ],
    [
      'a database server with the cache',
      { servers: { web: ['a'], database: ['b'], cache: ['b'] } },
      {},
      'The configuration names the servers a (web), b (database, cache).',
    ],
    ['a balancer alone', { servers: apart }, { host: 'd' }, 'd has only the role balancer, for which nothing is set up so far.'],
  ])('are a problem: %s', async (_, user, overrides, message) => {
    await expect(resolved(user, overrides)).rejects.toMatchObject({ message: expect.stringContaining(message), exit: 1 });
  });

  test('are a problem before a connection if there are several', async () => {
    const connect: Connect = () => Promise.reject(new TypeError('dialed'));
    const context = { emit: () => {}, signal: new AbortController().signal };
    const opening = connectWhileResolving({ user: { servers: apart }, overrides: {} }, connect, context);
    await expect(opening).rejects.toThrow('So far only one can be set up, or two');
  });
});
