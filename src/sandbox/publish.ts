import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { slotAt } from './slot.ts';
import { requireState } from './state.ts';

/** The command that starts this program as a publisher. */
export const publishVerb = 'sandbox-publish';

export interface Upstream {
  readonly address: string;
  readonly port: number;
  /** The site's name, with or without `www.`; the site's redirect shows which of the two is canonical. */
  readonly domain: string;
}

/** Returns a server, not yet listening, that forwards every request to the host under the site's name. */
export function publisher({ address, port, domain }: Upstream): Server {
  let name = domain;
  const server = createServer((incoming, outgoing) => {
    const ownUrl = `http://127.0.0.1:${listeningPort(server)}`;
    const options = {
      host: address,
      port,
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, host: name },
      agent: false,
    };
    const upstream = request(options, (answer) => {
      const target = siteName(answer, domain);
      if (target) name = target;
      relay(answer, outgoing, ownUrl, target);
    });
    upstream.on('error', (error) => refuse(outgoing, error));
    pipeline(incoming, upstream, () => undefined);
  });
  return server;
}

/** Returns the name that the answer redirects to if it is one of the site's two names, neither of which a browser can resolve. */
function siteName(answer: IncomingMessage, domain: string): string | undefined {
  const bare = domain.replace(/^www\./, '');
  const target = /^http:\/\/([^/:?#]+)(?::80)?(?=[/?#]|$)/i.exec(answer.headers.location ?? '')?.[1]?.toLowerCase();
  return target === bare || target === `www.${bare}` ? target : undefined;
}

function relay(answer: IncomingMessage, outgoing: ServerResponse, ownUrl: string, target: string | undefined): void {
  const headers = { ...answer.headers };
  if (target && headers.location) headers.location = headers.location.replace(/^http:\/\/[^/?#]+/i, ownUrl);
  outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
  pipeline(answer, outgoing, () => undefined);
}

function refuse(outgoing: ServerResponse, error: Error): void {
  if (outgoing.headersSent) return void outgoing.destroy();
  outgoing.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' });
  outgoing.end(`The sandbox does not answer on port 80 (${error.message}). Is it running and provisioned?\n`);
}

function listeningPort(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** Publishes the named sandbox on loopback, and returns when the server has closed. The first line of its output is the port. */
export async function serve(name: string): Promise<void> {
  const { slot, publish } = await requireState(name);
  if (!publish) throw new TypeError(`the sandbox ${name} was not created with a domain to publish`);
  const server = publisher({ address: slotAt(slot).address, port: 80, domain: publish.domain });
  server.listen(publish.port ?? 0, '127.0.0.1', () => process.stdout.write(`${listeningPort(server)}\n`));
  await once(server, 'close');
}

// Bundled or not, a program that is started with this command becomes a publisher as soon as it loads this module.
const [verb, name] = process.argv.slice(2);
if (verb === publishVerb && name !== undefined) await serve(name);
