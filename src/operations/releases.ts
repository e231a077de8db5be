import { exitCode } from '../error.ts';
import { parseReleases, type Release, releasesScript } from '../release/inventory.ts';
import type { Result } from './event.ts';
import type { Context, HostSession } from './session.ts';

/** Tells the releases that are on the host, newest first; touches nothing. */
export async function releases(session: HostSession, { emit }: Context): Promise<Result> {
  const { host } = session.transport;
  const sites = await readReleases(session);
  for (const [site, found] of sites) emit({ event: 'releases', host, site, releases: found });
  return { ok: true, changed: 0, checked: [...sites.values()].flat().length, exitCode: exitCode.done };
}

/** Resolves to the releases on the host, by the sites' domains. */
export async function readReleases({ config, transport }: HostSession): Promise<ReadonlyMap<string, readonly Release[]>> {
  const { stdout } = await transport.script(releasesScript(config.sites.map(({ domain }) => domain)).text);
  return parseReleases(stdout);
}
