import { once } from 'node:events';
import { connect as connectTo, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Endpoint, Transport } from '../transport/transport.ts';
import type { HealthContext } from './context.ts';

/** Closes the stream when the signal is aborted. A stream without a reader must not cause an uncaught error. */
function tie(stream: Duplex, signal: AbortSignal): Duplex {
  stream.on('error', () => {});
  // An SSH channel only closes after its remaining data was read.
  const end = () => stream.resume().destroy();
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return stream;
}

/** Opens a stream on the host, until the signal is aborted. A stream that opens later is closed immediately. */
export async function openStream(transport: Transport, endpoint: Endpoint, signal: AbortSignal): Promise<Duplex> {
  return tie(await transport.open(endpoint), signal);
}

/** Connects to a port of the host, directly like a visitor, or through SSH if this machine cannot reach it otherwise. */
export async function connect(context: HealthContext, port: number, signal: AbortSignal): Promise<Duplex> {
  if (context.direct === false) return openStream(context.transport, { port }, signal);
  return dial(context.transport.address, port, signal);
}

/** Connects from this machine to a port of an address. */
export async function dial(address: string, port: number, signal: AbortSignal): Promise<Duplex> {
  const socket = connectTo({ host: address, port, noDelay: true });
  tie(socket, signal);
  await once(socket, 'connect', { signal });
  return socket;
}

/** Returns the name of the destination of `connect` in messages. */
export function placeOf(context: HealthContext, port: number): string {
  const { address } = context.transport;
  return context.direct === false ? `port ${port} of the host` : `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
