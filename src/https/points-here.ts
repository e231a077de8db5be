import { reveal, type Secret } from '../command/secret.ts';
import type { Lookup } from '../dns/lookup.ts';
import { among, isPrivate } from '../health/addresses.ts';

/** The number of bytes of an answer in which the token must be. */
const maxAnswerBytes = 1000;
const timeoutMs = 2000;

export interface Here {
  /** The host's own addresses, and the one that we connected to. */
  readonly addresses: readonly string[];
  /** The token that only this host's nginx serves, if it has one already. */
  readonly token?: Secret | undefined;
  /** Whether only public addresses count, as for a public CA. */
  readonly isPublic: boolean;
}

/** The answer of the web server at an address. */
interface Answer {
  readonly hasToken: boolean;
  /** The scheme of the request that reached the host; undefined if the answer does not say. */
  readonly scheme?: string;
}

/**
 * Resolves to whether every address of a name is this host's: its own, or one that answers with the host's token, such as a NAT router or
 * proxy in front of it. Resolves to undefined if no nameserver answered.
 */
export async function pointsToHost({ name, A, AAAA, gap }: Lookup, { addresses, token, isPublic }: Here): Promise<boolean | undefined> {
  const all = [...A, ...AAAA];
  if (all.length === 0) return gap === 'unreachable' ? undefined : false;
  const isOwn = among(addresses);
  const each = await Promise.all(
    all.map(async (address) =>
      isPublic && isPrivate(address) ? false : isOwn(address) || (token ? (await answerOf(address, name, token)).hasToken : false),
    ),
  );
  return each.every(Boolean);
}

/**
 * Resolves to an address of a name at which a proxy ends TLS and connects to the host over HTTP, or to undefined if there is none or it is
 * unknown.
 */
export async function tlsEndsAt({ name, A, AAAA }: Lookup, { addresses, token }: Here): Promise<string | undefined> {
  const isOwn = among(addresses);
  const proxies = [...A, ...AAAA].filter((address) => !isOwn(address));
  if (!token || proxies.length === 0) return undefined;
  const answers = await Promise.all(proxies.map((address) => fetchToken(address, name, 'https', token)));
  return proxies[answers.findIndex(({ hasToken, scheme }) => hasToken && scheme === 'http')];
}

/** Requests over HTTP, and over HTTPS if the address redirects to it. */
async function answerOf(address: string, name: string, token: Secret): Promise<Answer> {
  const { location, ...answer } = await fetchToken(address, name, 'http', token);
  return location === `https://${name}${path}` ? fetchToken(address, name, 'https', token) : answer;
}

const path = '/.well-known/foobar-provision';

/** Asks the web server at an address for the host's token. Any certificate will do, because only this host knows the token. */
async function fetchToken(
  address: string,
  name: string,
  scheme: 'http' | 'https',
  token: Secret,
): Promise<Answer & { readonly location?: string }> {
  const { get } = scheme === 'https' ? await import('node:https') : await import('node:http');
  return new Promise((resolve) => {
    let body = '';
    const shared = { host: address, path, headers: { Host: name }, agent: false, timeout: timeoutMs } as const;
    const options = scheme === 'https' ? { ...shared, port: 443, servername: name, rejectUnauthorized: false } : { ...shared, port: 80 };
    const request = get(options, (answer) => {
      answer.on('data', (chunk: Buffer) => {
        body += chunk.toString();
        if (body.length > maxAnswerBytes) request.destroy();
      });
      const seenScheme = answer.headers['foobar-provision-scheme'];
      const { location } = answer.headers;
      answer.on('close', () =>
        resolve({
          hasToken: body.includes(reveal(token)),
          ...(typeof seenScheme === 'string' && { scheme: seenScheme }),
          ...(location !== undefined && { location }),
        }),
      );
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve({ hasToken: body.includes(reveal(token)) }));
  });
}
