import { z } from 'zod/mini';
import {
  defineCheck,
  type Explained,
  type Finding,
  type HealthContext,
  notRunning,
  type OfRelease,
  openStream,
  reason,
} from '../../../src/index.ts';
import { requestFastCgi } from './fastcgi-request.ts';

/** Checks that a PHP worker of the pool that listens on `socket` answers. */
export interface FpmCheck extends Explained, OfRelease {
  /** FPM's `ping.path`; the answer is `pong`. */
  readonly path: string;
  /** The script on the host that tells what opcache holds, as JSON. */
  readonly opcache?: string;
}

/** Checks that a worker of the pool answers FPM's own ping. This involves neither nginx nor PHP code, so a failure is the pool's. */
export async function checkFpm({ socket, path, opcache }: FpmCheck, context: HealthContext, signal: AbortSignal): Promise<Finding> {
  const stream = await openStream(context.transport, { socket }, signal);
  const start = performance.now();
  // FPM compares SCRIPT_NAME with its `ping.path`, but refuses requests without SCRIPT_FILENAME first.
  const answer = await requestFastCgi(stream, { SCRIPT_NAME: path, SCRIPT_FILENAME: path, REQUEST_METHOD: 'GET', QUERY_STRING: '' });
  const ms = Math.round(performance.now() - start);
  if (answer.status === 200 && answer.body.toString().trim() === 'pong') {
    const cache = opcache && (await cacheOf(socket, opcache, context, signal));
    return { ok: true, detail: `pong in ${ms} ms from ${socket}${cache ? `; ${cache}` : ''}` };
  }
  return { ok: false, detail: `${answer.status} instead of pong from ${socket}: its pool does not answer ping.path = ${path}` };
}

const opcacheStatus = z.object({
  total: z.number(),
  used: z.number(),
  hits: z.number(),
  misses: z.number(),
  keys: z._default(z.number(), 0),
  room: z._default(z.number(), 0),
  wasted: z._default(z.number(), 0),
  restarts: z._default(z.number(), 0),
});

/** Returns how full the opcode cache is and its hit rate, or undefined if PHP has none or does not report it. */
async function cacheOf(socket: string, script: string, context: HealthContext, signal: AbortSignal): Promise<string | undefined> {
  const stream = await openStream(context.transport, { socket }, signal);
  const answer = await requestFastCgi(stream, { SCRIPT_NAME: script, SCRIPT_FILENAME: script, REQUEST_METHOD: 'GET', QUERY_STRING: '' });
  const read = opcacheStatus.safeParse(parsed(answer.body.toString()));
  if (!read.success) return undefined;
  const { total, used, hits, misses, keys, room, wasted, restarts } = read.data;
  const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  const rate = hits + misses === 0 ? 'no requests yet' : `${Math.floor((100 * hits) / (hits + misses))} % hits`;
  const parts = [
    `opcache ${mebibytes(used)} of ${mebibytes(total)} MiB, ${rate}`,
    `${keys} of ${room} keys`,
    ...(mebibytes(wasted) > 0 ? [`${mebibytes(wasted)} MiB wasted`] : []),
    ...(restarts > 0 ? [`restarted ${restarts} ${restarts === 1 ? 'time' : 'times'} because it was full`] : []),
  ];
  return parts.join(', ');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const fpmCheck = defineCheck<FpmCheck>({
  hop: 'php-fpm',
  place: 'runtime',
  ask: checkFpm,
  failure: ({ socket }, _, error) =>
    reason(error, socket, { refused: notRunning, late: 'every worker of the pool is busy, or the pool hangs' }),
});
