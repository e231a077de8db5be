import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import { join } from 'node:path';
import type { Authority } from '../lab/authority.ts';

export interface Limited {
  readonly directory: string;
  /** How often an order was asked for. */
  readonly orders: () => number;
  readonly end: () => Promise<void>;
}

/**
 * The same CA as one that has given out too many certificates: orders are refused until then, in the words of Let's Encrypt; all else is
 * passed on.
 */
export async function limited(ca: Authority, gateway: string, until: Date): Promise<Limited> {
  const to = new URL(ca.directory);
  let orders = 0;
  const keys = { key: readFileSync(join(ca.folder, 'api.key')), cert: readFileSync(join(ca.folder, 'api.pem')) };
  const server = createServer(keys, (incoming, outgoing) => {
    if (incoming.url?.includes('order')) {
      orders += 1;
      incoming.resume();
      outgoing.writeHead(429, { 'Content-Type': 'application/problem+json', 'Replay-Nonce': `none${orders}` });
      const when = `${until.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
      const detail = `too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after ${when}: see https://letsencrypt.org/docs/rate-limits/`;
      outgoing.end(JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail, status: 429 }));
      return;
    }
    const options = {
      host: to.hostname,
      port: to.port,
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
      agent: false,
    };
    const passed = request({ ...options, rejectUnauthorized: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  }).listen(0, gateway);
  await once(server, 'listening');
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('a TCP server has a port');
  return {
    directory: `https://${gateway}:${at.port}/dir`,
    orders: () => orders,
    end: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
