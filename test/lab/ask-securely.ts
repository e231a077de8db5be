import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

export interface AskedSecurely {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The common name of who signed the certificate. */
  readonly issuer: string;
}

/**
 * Asks a host's port 443 by an address and a name of its own choice; rejects where no whole answer came. Without `ca`, any certificate will
 * do.
 */
export async function askSecurely(
  address: string,
  name: string,
  path = '/',
  {
    ca,
    method = 'GET',
    body,
    headers = {},
  }: { ca?: string; method?: string; body?: Buffer; headers?: Readonly<Record<string, string>> } = {},
): Promise<AskedSecurely> {
  return new Promise((resolve, reject) => {
    let issuer = '';
    const sent = request(
      {
        host: address,
        port: 443,
        path,
        method,
        servername: name,
        headers: { Host: name, ...headers },
        agent: false,
        timeout: 20_000,
        ...(ca ? { ca } : { rejectUnauthorized: false }),
      },
      (answer) => {
        text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body, issuer }), reject);
      },
    );
    sent.on('socket', (socket) =>
      socket.once('secureConnect', () => {
        const certificate =
          'getPeerX509Certificate' in socket && typeof socket.getPeerX509Certificate === 'function'
            ? socket.getPeerX509Certificate()
            : undefined;
        issuer = /CN=(.*)/.exec(certificate?.issuer ?? '')?.[1] ?? '';
      }),
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(body);
  });
}
