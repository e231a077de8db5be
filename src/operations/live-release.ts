import { Problem } from '../error.ts';
import type { Release } from '../release/inventory.ts';
import { readReleases } from './releases.ts';
import type { HostSession } from './session.ts';

/** How the commands of a site's live release run on the host, as recorded when it went live. */
export interface LiveRelease {
  readonly id: string;
  /** The site's system user. */
  readonly user: string;
  /** The path of the environment file. */
  readonly environment: string;
  /** The systemd properties that confine a command and show it the release. */
  readonly sandbox: readonly string[];
}

/** Resolves to the live release of a site. Rejects with a Problem if there is none, or if its record does not say how its commands run. */
export async function liveRelease(session: HostSession, domain: string): Promise<LiveRelease> {
  const releases = (await readReleases(session)).get(domain) ?? [];
  const live = releases.find((release) => release.live);
  if (!live)
    throw new Problem({
      message: `${domain} has no live release on ${session.transport.host}.`,
      hint: 'Provision it first: foobar-provision',
      host: session.transport.host,
    });
  const found = commandsOf(live);
  if (found) return found;
  throw new Problem({
    message: `The live release of ${domain} was recorded without the settings of its commands.`,
    hint: 'Deploy the application again: foobar-provision deploy',
    host: session.transport.host,
  });
}

function commandsOf({ id, back }: Release): LiveRelease | undefined {
  const { user, environment, sandbox } = back?.live.hooks ?? {};
  return user !== undefined && environment !== undefined && sandbox !== undefined ? { id, user, environment, sandbox } : undefined;
}
