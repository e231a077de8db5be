import { get } from 'node:http';
import { reveal, type Secret } from '../command/secret.ts';
import type { Lookup } from '../dns/lookup.ts';
import { among, isPrivate } from '../health/addresses.ts';

/** Bytes of an answer that are read for the token, and milliseconds that it may take. */
const [enough, patience] = [1000, 2000];

export interface Here {
  /** The host's own addresses, and the one that we reached it by. */
  readonly addresses: readonly string[];
  /** What only this host's nginx serves, where it serves already. */
  readonly token?: Secret | undefined;
  /** Whether only what the whole world can reach counts, as it does to a public CA. */
  readonly isPublic: boolean;
}

/**
 * Whether every address of a name is this host's: its own, or one that answers with the host's own token, as a NAT router or a proxy before it does.
 * Undefined where no nameserver could be asked.
 */
export async function leadsHere({ name, A, AAAA, gap }: Lookup, { addresses, token, isPublic }: Here): Promise<boolean | undefined> {
  const found = [...A, ...AAAA];
  if (found.length === 0) return gap === 'unreachable' ? undefined : false;
  const isOwn = among(addresses);
  const each = await Promise.all(
    found.map(async (address) =>
      isPublic && isPrivate(address) ? false : isOwn(address) || (token ? answers(address, name, token) : false),
    ),
  );
  return each.every(Boolean);
}

/** Whether a web server at this address serves, by this name, what only the host serves. */
async function answers(address: string, name: string, token: Secret): Promise<boolean> {
  const text = await new Promise<string>((resolve) => {
    let body = '';
    const request = get(
      { host: address, port: 80, path: '/.well-known/foobar-provision', headers: { Host: name }, agent: false, timeout: patience },
      (answer) => {
        answer.on('data', (chunk: Buffer) => {
          body += chunk.toString();
          if (body.length > enough) request.destroy();
        });
        answer.on('close', () => resolve(body));
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(body));
  });
  return text.includes(reveal(token));
}
