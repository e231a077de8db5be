import { get } from 'node:http';
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

/**
 * Resolves to whether every address of a name is this host's: its own, or one that answers with the host's token, such as a NAT router or proxy in
 * front of it. Resolves to undefined if no nameserver answered.
 */
export async function pointsToHost({ name, A, AAAA, gap }: Lookup, { addresses, token, isPublic }: Here): Promise<boolean | undefined> {
  const all = [...A, ...AAAA];
  if (all.length === 0) return gap === 'unreachable' ? undefined : false;
  const isOwn = among(addresses);
  const each = await Promise.all(
    all.map(async (address) =>
      isPublic && isPrivate(address) ? false : isOwn(address) || (token ? answers(address, name, token) : false),
    ),
  );
  return each.every(Boolean);
}

/** Resolves to whether a web server at this address serves the host's token under this name. */
async function answers(address: string, name: string, token: Secret): Promise<boolean> {
  const text = await new Promise<string>((resolve) => {
    let body = '';
    const request = get(
      { host: address, port: 80, path: '/.well-known/foobar-provision', headers: { Host: name }, agent: false, timeout: timeoutMs },
      (answer) => {
        answer.on('data', (chunk: Buffer) => {
          body += chunk.toString();
          if (body.length > maxAnswerBytes) request.destroy();
        });
        answer.on('close', () => resolve(body));
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(body));
  });
  return text.includes(reveal(token));
}
