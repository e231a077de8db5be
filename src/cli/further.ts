import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../error.ts';
import { decided, type Reached } from './host.ts';
import type { Options } from './options.ts';
import type { Reporter } from './output/reporter.ts';

/** Seconds between two looks at DNS, and minutes until waiting is given up: new records are there at once, changed ones within their time to live. */
const [pause, patience] = [5, 60];

/** What is to be done once more after a run, or after there was nothing to do: HTTPS was proven by it, or DNS was waited for. Undefined where that was all. */
export async function further(
  reached: Reached,
  isSame: boolean,
  options: Options,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Reached | undefined> {
  if (options.waitDns && reached.waiting.length > 0) return waited(reached, reporter, signal);
  if (isSame) return undefined;
  const now = await decided(reached, reached.config);
  const isNews = now.config.sites.some(({ https }, index) => https.proven && !reached.config.sites[index]?.https.proven);
  if (!isNews) return undefined;
  reporter.emit({ event: 'note', text: 'HTTPS works from outside, so browsers are told now to take the site by nothing else.' });
  return now;
}

async function waited(reached: Reached, reporter: Reporter, signal: AbortSignal): Promise<Reached> {
  const until = performance.now() + patience * 60_000;
  for (let now = reached; ; now = await decided(reached, reached.given)) {
    if (now.waiting.length === 0) return now;
    const records = now.waiting.map(({ domain, records: wanted }) => `${domain}: ${wanted}`).join('; ');
    if (performance.now() > until)
      throw new Problem({
        message: `After ${patience} minutes DNS does not lead here yet. ${records}.`,
        hint: 'The site is there by HTTP. Create the records, and run again when they are there.',
      });
    reporter.emit({ event: 'stage', text: `waiting for DNS: ${records}` });
    await sleep(pause * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
