import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as handshake, rootCertificates, type TLSSocket } from 'node:tls';

/**
 * Opens a TLS connection over a stream, whoever signed the certificate. The caller checks `authorized` and `authorizationError`.
 * `authorities` are additional trusted CAs in PEM format.
 */
export async function secure(stream: Duplex, name: string, signal: AbortSignal, authorities?: string): Promise<TLSSocket> {
  const socket = handshake({
    socket: stream,
    servername: name,
    rejectUnauthorized: false,
    ...(authorities && { ca: [...rootCertificates, authorities] }),
  });
  socket.on('error', () => {});
  await once(socket, 'secureConnect', { signal });
  return socket;
}
