import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HealthContext } from '../../src/health/context.ts';
import type { Endpoint, Output, Transport } from '../../src/transport/transport.ts';

/** A host that is this machine: streams are plain connections, and scripts print what the test says. */
export function loopback({ address = '127.0.0.1', script = (_text: string): string => '' } = {}): Transport {
  return {
    host: 'loopback',
    address,
    roundTrips: 0,
    script: async ({ text }) => output(script(text)),
    run: async ({ text }) => output(script(text)),
    open: async (endpoint) => {
      const socket = dial(endpoint);
      await once(socket, 'connect');
      return socket;
    },
    inTerminal: async () => 0,
    isRoot: true,
    login: { user: 'root', by: 'key', hostKey: 'ssh-ed25519' },
    restrictions: { fewSessions: false, noForwarding: false },
    again: async () => loopback({ address, script }),
    close: async () => {},
  };
}

function output(stdout: string): Output {
  return { stdout, stderr: '', code: 0 };
}

function dial(endpoint: Endpoint): Socket {
  return 'socket' in endpoint ? connect(endpoint.socket) : connect({ host: endpoint.host ?? '127.0.0.1', port: endpoint.port });
}

export function context(more: Partial<HealthContext> = {}): HealthContext {
  return { transport: loopback(), addresses: ['127.0.0.1'], secret: () => undefined, ...more };
}

export interface Listening {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Starts a server on a free loopback port, or on a socket file; closing it ends its connections too. */
export async function listen(server: Server, socket?: string): Promise<Listening> {
  const open = new Set<Duplex>();
  server.on('connection', (connection) => {
    open.add(connection);
    connection.on('error', () => {});
    connection.on('close', () => open.delete(connection));
  });
  server.listen(socket ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const at = server.address();
  const close = async () => {
    for (const connection of open) connection.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: isTcp(at) ? at.port : 0, close };
}

function isTcp(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

/** A loopback port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}
