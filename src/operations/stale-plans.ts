import { Problem } from '../error.ts';
import { onEveryHost } from './on-every-host.ts';
import type { Context, Fleet, HostSession } from './session.ts';

/** The number of stale plans after which no new one is made, because something else keeps changing the host. */
const maxStalePlans = 5;

/** Returns a function that counts a host's stale plans, and throws a Problem if there were too many. */
export function stalePlanCounter(): (host: string) => void {
  const counts = new Map<string, number>();
  return (host) => {
    const count = (counts.get(host) ?? 0) + 1;
    counts.set(host, count);
    if (count < maxStalePlans) return;
    throw new Problem({
      message: `${count} plans in a row were stale when they reached ${host}: other work of foobar-provision keeps changing it.`,
      host,
      hint: 'See what runs there: systemctl list-units "foobar-provision-*"; ls -t /var/lib/foobar-provision/runs. Nothing of these plans was applied.',
    });
  };
}

/** What became of a host's plan. */
interface Attempt {
  readonly session: HostSession;
  /** True if the plan was not applied, because another run has changed the host since the plan was made. */
  readonly isStale: boolean;
}

interface Retry {
  /** Reads what has changed on a host before its next plan is made. */
  readonly refresh: (session: HostSession) => Promise<HostSession>;
  /** Throws if a host had too many stale plans. */
  readonly countStale: (host: string) => void;
}

/**
 * Plans and applies with `attempt`, and repeats that on the hosts whose plans were stale. Resolves to the last result of each host, in the
 * order of the fleet.
 */
export async function retryStale<Result extends Attempt>(
  fleet: Fleet,
  attempt: (fleet: Fleet) => Promise<readonly Result[]>,
  retry: Retry,
  context: Context,
): Promise<readonly Result[]> {
  const results = await attempt(fleet);
  const stale = results.filter(({ isStale }) => isStale);
  if (stale.length === 0) return results;
  for (const { session } of stale) retry.countStale(session.transport.host);
  const refreshed = await onEveryHost(stale, context, ({ session }) => retry.refresh(session));
  const again = await retryStale(refreshed, attempt, retry, context);
  const later = new Map(again.map((each) => [each.session.host.name, each]));
  return results.map((each) => later.get(each.session.host.name) ?? each);
}
