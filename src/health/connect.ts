import { once } from 'node:events';
import { connect as dial, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Endpoint, Transport } from '../transport/transport.ts';
import type { HealthContext } from './context.ts';

/** Closes the stream when the signal is aborted. Its errors reach whoever reads it; without a reader they are nobody's. */
function tie(stream: Duplex, signal: AbortSignal): Duplex {
  stream.on('error', () => {});
  // An SSH channel is only over once what is left in it was read.
  const end = () => stream.resume().destroy();
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return stream;
}

/** A stream on the far side, open until the signal is aborted; one that opens later than that is closed at once. */
export async function open(transport: Transport, endpoint: Endpoint, signal: AbortSignal): Promise<Duplex> {
  return tie(await transport.open(endpoint), signal);
}

/** A connection to a port of the host, the way a visitor would make it, or through SSH where only that leads there. */
export async function connect(context: HealthContext, port: number, signal: AbortSignal): Promise<Duplex> {
  if (context.direct === false) return open(context.transport, { port }, signal);
  const socket = dial({ host: context.transport.address, port, noDelay: true });
  tie(socket, signal);
  await once(socket, 'connect', { signal });
  return socket;
}

/** How messages name the other end of `connect`. */
export function placeOf(context: HealthContext, port: number): string {
  const { address } = context.transport;
  return context.direct === false ? `port ${port} of the host` : `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
