import { checkHops } from './check-hops.ts';
import type { Result } from './event.ts';
import { onEveryHost } from './on-every-host.ts';
import { withOnlySite } from './one-site.ts';
import type { Context, Fleet } from './session.ts';
import { healthResult, totalOf, withSites } from './summarize.ts';

/** Checks the request path, hop by hop, of all sites or of one. It changes nothing. */
export async function verify(fleet: Fleet, context: Context, site?: string): Promise<Result> {
  return totalOf(
    await onEveryHost(fleet, context, async (session, { emit }) => {
      const { host } = session.transport;
      withOnlySite(session.config, site);
      const hops = await checkHops(session, {
        onHop: (hop) => emit({ event: 'hop', host, hop }),
        isChecked: (domain) => (site ?? domain) === domain,
      });
      return withSites(healthResult(host, hops, 0, hops.length), session.config, hops, []);
    }),
  );
}
