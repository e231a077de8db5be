import { expect, it, vi } from 'vitest';
import { sandboxLogin } from '../../src/cli/sandbox-login.ts';

vi.mock('../../src/sandbox/list.ts', () => ({
  list: async () => [{ name: 'demo', address: '198.18.4.2', identity: '/sandboxes/demo/key', knownHosts: '/sandboxes/demo/known_hosts' }],
}));

const ofSandbox = { identity: '/sandboxes/demo/key', knownHosts: '/sandboxes/demo/known_hosts' };

it.each([
  ['root@198.18.4.2', {}, ofSandbox],
  ['198.18.4.2:22', {}, ofSandbox],
  ['root@198.18.4.3', {}, {}],
  // Another user has other keys, and another port is another server.
  ['deploy@198.18.4.2', {}, {}],
  ['root@198.18.4.2:2222', {}, {}],
  ['root@203.0.113.5', {}, {}],
  ['root@198.18.4.2', { identity: 'mine' }, { identity: 'mine' }],
  ['root@198.18.4.2', { knownHosts: 'mine' }, { knownHosts: 'mine' }],
])('%s, with the options %j', async (server, options, expected) => {
  expect(await sandboxLogin(server, options)).toMatchObject({ identity: undefined, knownHosts: undefined, ...expected });
});
