import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as handshake, rootCertificates, type TLSSocket } from 'node:tls';

/**
 * A TLS connection over a stream, whoever signed the certificate: that is for the caller to judge, by `authorized` and `authorizationError`.
 * `authorities` are CAs in PEM that count besides the public ones.
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
