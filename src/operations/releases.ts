import { parseReleases, type Release, releasesScript } from '../release/inventory.ts';
import type { Result } from './event.ts';
import { onEveryHost } from './on-every-host.ts';
import { withOnlySite } from './one-site.ts';
import { hostsWith } from './only-host.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { doneResult, totalOf } from './summarize.ts';

/** Shows the releases on the hosts, newest first, of all sites or of one. It changes nothing. */
export async function releases(fleet: Fleet, context: Context, site?: string): Promise<Result> {
  return totalOf(
    await onEveryHost(hostsWith(fleet, 'web', 'A release'), context, async (session, { emit }) => {
      const { host } = session.transport;
      const sites = await readReleases({ ...session, config: withOnlySite(session.config, site) });
      for (const [domain, found] of sites) emit({ event: 'releases', host, site: domain, releases: found });
      return doneResult(host, 0, [...sites.values()].flat().length);
    }),
  );
}

/** Resolves to the releases on the host, by the sites' domains. */
export async function readReleases({ config, transport }: HostSession): Promise<ReadonlyMap<string, readonly Release[]>> {
  const { stdout } = await transport.script(releasesScript(config.sites.map(({ domain }) => domain)));
  return parseReleases(stdout);
}
