import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../error.ts';
import { withHttpsDecision } from './https-decision.ts';
import type { Context, HostSession } from './session.ts';

/** New records are in DNS at once, and changed ones within their time to live. */
const [pauseSeconds, dnsTimeoutMinutes] = [5, 60];

interface FollowUp {
  /** A run has changed the host. */
  readonly hasChanged: boolean;
  readonly waitForDns?: boolean | undefined;
}

/** Resolves to the session to apply once more: DNS was waited for, or HTTPS works from outside since the run. To undefined where there is nothing more to do. */
export async function httpsFollowUp(session: HostSession, followUp: FollowUp, context: Context): Promise<HostSession | undefined> {
  if (followUp.waitForDns && session.waiting.length > 0) return waitForDns(session, context);
  if (!followUp.hasChanged) return undefined;
  const now = await withHttpsDecision(session, session.config);
  const isNews = now.config.sites.some(({ https }, index) => https.proven && !session.config.sites[index]?.https.proven);
  if (!isNews) return undefined;
  context.emit({
    event: 'note',
    host: session.transport.host,
    text: 'HTTPS works from outside; turning on HSTS, so browsers will use only HTTPS.',
  });
  return now;
}

async function waitForDns(session: HostSession, { emit, signal }: Context): Promise<HostSession> {
  const deadline = performance.now() + dnsTimeoutMinutes * 60_000;
  for (let now = session; ; now = await withHttpsDecision(session, session.configBeforeHttps)) {
    if (now.waiting.length === 0) return now;
    const awaited = now.waiting.map(({ domain, records }) => `${domain}: ${records}`).join('; ');
    if (performance.now() > deadline)
      throw new Problem({
        message: `After ${dnsTimeoutMinutes} minutes DNS does not point to this host yet. ${awaited}.`,
        hint: 'The site is reachable over HTTP. Create the records, then re-run.',
      });
    emit({ event: 'stage', host: session.transport.host, text: `waiting for DNS: ${awaited}` });
    await sleep(pauseSeconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
