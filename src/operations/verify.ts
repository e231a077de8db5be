import { checkHops } from './check-hops.ts';
import type { Result } from './event.ts';
import type { Context, HostSession } from './session.ts';
import { healthResult } from './summarize.ts';

/** Checks the request path, hop by hop; touches nothing. */
export async function verify(session: HostSession, { emit }: Context): Promise<Result> {
  const { host } = session.transport;
  const hops = await checkHops(session, { onHop: (hop) => emit({ event: 'hop', host, hop }) });
  return healthResult(hops, 0, hops.length);
}
