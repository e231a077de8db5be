import { sh } from '../command/command.ts';
import { Secret } from '../command/secret.ts';
import { type Lookup, lookUp } from '../dns/lookup.ts';
import { Problem } from '../error.ts';
import { among } from '../health/addresses.ts';
import { hostToken, secretsFolder } from '../host-paths.ts';
import { pointsToHost } from '../https/points-here.ts';
import type { Transport } from '../transport/transport.ts';
import { addressesOf } from './old-server.ts';
import type { Origin } from './origin.ts';

/** Where visitors of a name go now. */
export interface Pointing {
  readonly name: string;
  readonly addresses: readonly string[];
  /** `both` if only some of its addresses are the new server's; `unknown` if no nameserver answered. */
  readonly to: 'old' | 'new' | 'both' | 'elsewhere' | 'nowhere' | 'unknown';
}

/** Looks up where names point now. */
export async function whereNamesPoint(
  names: readonly string[],
  { addresses: old = [] }: Origin,
  transport: Transport,
): Promise<readonly Pointing[]> {
  const { stdout } = await transport.script(sh`cat ${`${secretsFolder}/${hostToken}`} 2>/dev/null; :`);
  const own = await addressesOf(transport);
  const token = stdout.trim() === '' ? undefined : new Secret(stdout.trim());
  return Promise.all(
    names.map(async (name) => {
      const lookup = await lookUp(name);
      // Behind a proxy, the name has other addresses than the server, but the server answers there.
      const isNew = await pointsToHost(lookup, { addresses: own, token, isPublic: false });
      return pointingOf(lookup, old, own, isNew === true);
    }),
  );
}

/** Returns where a name points, by the addresses of both servers. */
export function pointingOf({ name, A, AAAA, gap }: Lookup, old: readonly string[], own: readonly string[], isNew: boolean): Pointing {
  const addresses = [...A, ...AAAA];
  const [isOldAddress, isOwnAddress] = [among(old), among(own)];
  const to = () => {
    if (addresses.length === 0) return gap === undefined ? 'nowhere' : 'unknown';
    if (isNew) return 'new';
    if (addresses.some(isOwnAddress)) return 'both';
    return addresses.every(isOldAddress) ? 'old' : 'elsewhere';
  };
  return { name, addresses, to: to() };
}

/** Returns what a person should know about where a name points, before the last copy. */
export function pointingText({ name, addresses, to }: Pointing, kind: Origin['kind']): string {
  const at = addresses.join(', ');
  switch (to) {
    case 'old':
      return `${name} points to the old server (${at})`;
    case 'new':
      return `${name} points to the new server already (${at})`;
    case 'both':
      return `${name} points to the new server and to others (${at})`;
    case 'elsewhere':
      return kind === 'server'
        ? `${name} points to ${at}, which is neither the old server nor the new one: a proxy or CDN in front, or another server`
        : `${name} points to ${at}, which is not the new server`;
    case 'nowhere':
      return `${name} has no address in DNS`;
    case 'unknown':
      return `no nameserver answered for ${name}, so it is unknown where it points`;
  }
}

/** Throws a Problem if visitors may already write to the new server's database, because a copy would replace what they have written. */
export function requireNobodyThere(pointings: readonly Pointing[], { host }: Transport, origin: Origin): void {
  const there = pointings.filter(({ to }) => to === 'new' || to === 'both').map(({ name }) => name);
  if (there.length === 0) return;
  throw new Problem({
    message: `${there.join(', ')} ${there.length === 1 ? 'points' : 'point'} to ${host} already, so visitors may have written to its database, which --again replaces with the one of ${origin.name}.`,
    hint: 'The move is complete without it: run foobar-provision. To replace the database anyway, add --allow-destroy.',
    host,
  });
}
