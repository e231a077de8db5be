import type { Finding, FpmCheck } from './check.ts';
import { open } from './connect.ts';
import type { HealthContext } from './context.ts';
import { requestFastCgi } from './fastcgi-request.ts';

/** A worker of the pool answers FPM's own ping, without any PHP code: nginx is not asked, so the fault is the pool's where this fails. */
export async function checkFpm({ socket, path }: FpmCheck, context: HealthContext, signal: AbortSignal): Promise<Finding> {
  const stream = await open(context.transport, { socket }, signal);
  const start = performance.now();
  // FPM compares SCRIPT_NAME with its `ping.path`; without SCRIPT_FILENAME it refuses before it looks.
  const answer = await requestFastCgi(stream, { SCRIPT_NAME: path, SCRIPT_FILENAME: path, REQUEST_METHOD: 'GET', QUERY_STRING: '' });
  const ms = Math.round(performance.now() - start);
  if (answer.status === 200 && answer.body.toString().trim() === 'pong') return { ok: true, detail: `pong in ${ms} ms from ${socket}` };
  return { ok: false, detail: `${answer.status} instead of pong from ${socket}: its pool does not answer ping.path = ${path}` };
}
