import { describe, expect, test } from 'vitest';
import { proxiedAddressesOf, requireOwnPorts, workersOf } from '../../src/config-file/proxied-addresses.ts';
import { config } from '../playbooks/configs.ts';

const chat = { command: 'node chat.js' };

describe('web.proxy', () => {
  test('leads to workers and ports, the longest address first', () => {
    expect(proxiedAddressesOf({ workers: { chat }, web: { proxy: { '/a': 8080, '/a/ws/': 'worker:chat' } } })).toEqual([
      { path: '/a/ws', to: { kind: 'worker', name: 'chat' } },
      { path: '/a', to: { kind: 'port', port: 8080 } },
    ]);
    expect(proxiedAddressesOf({})).toEqual([]);
  });

  test('leads to no worker that there is not', () => {
    expect(() => proxiedAddressesOf({ web: { proxy: { '/ws': 'worker:chat' } } })).toThrow(
      'web.proxy./ws leads to the worker chat, which workers does not have.',
    );
  });
});

describe('a worker', () => {
  test.each([
    ['that nothing leads to', {}, undefined],
    ['with a port', { port: 6001 }, { kind: 'port', port: 6001 }],
  ])('%s', (_, more, listens) => {
    expect(workersOf({ workers: { chat: { ...chat, ...more } } })).toEqual({ chat: { ...chat, count: 1, ...(listens && { listens }) } });
  });

  test('without a port has a socket where an address leads to it', () => {
    const web = { proxy: { '/ws': 'worker:chat' } };
    expect(workersOf({ workers: { chat, other: chat }, web })).toEqual({
      chat: { ...chat, count: 1, listens: { kind: 'socket' } },
      other: { ...chat, count: 1 },
    });
    expect(workersOf({ workers: { chat: { ...chat, port: 6001 } }, web })).toMatchObject({ chat: { listens: { kind: 'port' } } });
  });

  test('that listens is one process', () => {
    expect(() => workersOf({ workers: { chat: { ...chat, count: 2, port: 6001 } } })).toThrow(
      'workers.chat has a count of 2, but only one process can listen on its port.',
    );
  });

  test('has a port of its own', () => {
    const workers = { chat: { ...chat, count: 1, listens: { kind: 'port', port: 6001 } } } as const;
    const both = config({ more: { workers } }, { domain: 'other.com', more: { workers } });
    expect(() => requireOwnPorts(both.sites)).toThrow(
      'The worker chat of foobar.com and the worker chat of other.com have the same port, 6001.',
    );
    expect(() => requireOwnPorts(config({ more: { workers } }).sites)).not.toThrow();
  });
});
