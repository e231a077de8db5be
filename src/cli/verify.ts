import type { Result } from '../engine/event.ts';
import { exitCode } from '../error.ts';
import { healthOf } from './apply.ts';
import { approach } from './approach.ts';
import { leave } from './host.ts';
import type { Options } from './options.ts';
import type { Reporter } from './output/reporter.ts';

/** Walks the request path, hop by hop; touches nothing. */
export async function verify(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Result> {
  const reached = await approach(target, options, reporter, signal, { sendsNothing: true });
  const { host } = reached.transport;
  try {
    const hops = await healthOf(reached, (hop) => reporter.emit({ event: 'hop', host, hop }));
    const healthy = hops.every(({ ok }) => ok);
    return { ok: healthy, changed: 0, checked: hops.length, healthy, exitCode: healthy ? exitCode.done : exitCode.unhealthy };
  } finally {
    await leave(reached.transport, reached.survey);
  }
}
