import { describe, expect, test } from 'vitest';
import { hostWithEveryRole } from '../../src/config/inventory.ts';
import { inventoryOf, namedHosts } from '../../src/config-file/inventory.ts';
import { Problem, type UserConfig } from '../../src/index.ts';

const two: UserConfig = { servers: { web: ['root@web1', 'root@[2001:db8::2]:2222'], database: ['root@web1'] } };
const [first, second] = [
  { name: 'root@web1', roles: ['web', 'database'] },
  { name: 'root@[2001:db8::2]:2222', roles: ['web'] },
];

describe('the inventory', () => {
  test.each<readonly [string, UserConfig, string | undefined, unknown]>([
    ['of a configuration without servers is empty', {}, undefined, []],
    ['of one server is that, in every role', { server: 'root@a' }, undefined, [hostWithEveryRole('root@a')]],
    ['is the target, where there is one', { server: 'root@a' }, 'b', [hostWithEveryRole('b')]],
    ['is the target, where the configuration names no server', {}, 'b', [hostWithEveryRole('b')]],
    ['by role has each server once, with all its roles', two, undefined, [first, second]],
    ['by role does not change with the target', two, 'root@web1', [first, second]],
    [
      'has the address of a server from any of its roles',
      { servers: { web: ['a'], cache: [{ ssh: 'a', address: '10.0.0.1' }] } },
      undefined,
      [{ name: 'a', address: '10.0.0.1', roles: ['web', 'cache'] }],
    ],
  ])('%s', (_, user, target, expected) => {
    expect(inventoryOf(user, target)).toEqual(expected);
  });

  test.each<readonly [string, NonNullable<UserConfig['servers']>, string]>([
    ['two addresses', { web: [{ ssh: 'a', address: '10.0.0.1' }], cache: [{ ssh: 'a', address: '10.0.0.2' }] }, 'more than one address'],
    ['two names of one server', { web: ['root@a'], database: ['deploy@a'] }, 'root@a and deploy@a are the same server.'],
    ['an invalid name', { web: ['ssh://a'] }, '"ssh://a" does not name a host.'],
  ])('with %s is a problem', (_, servers, message) => {
    expect(() => inventoryOf({ servers })).toThrow(Problem);
    expect(() => inventoryOf({ servers })).toThrow(message);
  });

  test('may have two ports of one name, which are two servers', () => {
    expect(inventoryOf({ servers: { web: ['gate:2201', 'gate:2202'] } })).toHaveLength(2);
  });
});

describe('the servers to work on', () => {
  test.each<readonly [string, UserConfig, Parameters<typeof namedHosts>[1], unknown]>([
    ['are all', two, {}, [first, second]],
    ['are the target', two, { server: 'root@web1' }, [first]],
    ['are the one of that host, where its whole name is not given', two, { server: '2001:db8::2' }, [second]],
    ['are the one that --host names', two, { host: 'web1' }, [first]],
    ['are the one that both name', two, { server: 'root@web1', host: 'web1' }, [first]],
    ['are a target that no configuration names', { server: 'root@a' }, { server: 'root@b' }, [hostWithEveryRole('root@b')]],
    ['are none where none is named', {}, {}, []],
  ])('%s', (_, user, named, expected) => {
    expect(namedHosts(user, named)).toEqual(expected);
  });

  test.each<readonly [string, UserConfig, Parameters<typeof namedHosts>[1], string]>([
    ['a target that is not in the inventory', two, { server: 'web3' }, 'Its servers are root@web1, root@[2001:db8::2]:2222.'],
    ['a host that is not the target', two, { server: 'web1', host: '2001:db8::2' }, 'Its servers are root@web1.'],
    ['a host part that two servers have', { servers: { web: ['gate:2201', 'gate:2202'] } }, { host: 'gate' }, 'Its servers are gate:2201'],
    ['a host of a configuration without any', {}, { host: 'a' }, 'It names no server at all'],
  ])('%s is a problem that says which there are', (_, user, named, hint) => {
    const problem = attempt(() => namedHosts(user, named));
    expect(problem).toMatchObject({ exit: 1, details: { hint: expect.stringContaining(hint) } });
  });
});

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
