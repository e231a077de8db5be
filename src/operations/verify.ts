import { checkHops } from './check-hops.ts';
import type { Result } from './event.ts';
import { onEveryHost } from './on-every-host.ts';
import type { Context, Fleet } from './session.ts';
import { healthResult, totalOf } from './summarize.ts';

/** Checks the request path, hop by hop. It changes nothing. */
export async function verify(fleet: Fleet, context: Context): Promise<Result> {
  return totalOf(
    await onEveryHost(fleet, context, async (session, { emit }) => {
      const { host } = session.transport;
      const hops = await checkHops(session, { onHop: (hop) => emit({ event: 'hop', host, hop }) });
      return healthResult(host, hops, 0, hops.length);
    }),
  );
}
