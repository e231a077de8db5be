import { setTimeout as sleep } from 'node:timers/promises';
import type { Site } from '../config/config.ts';
import { Problem } from '../error.ts';
import { withHttpsDecision } from './https-decision.ts';
import type { Context, HostSession } from './session.ts';

/** New DNS records are visible at once, changed ones within their time to live. */
const [pauseSeconds, dnsTimeoutMinutes] = [5, 60];

interface FollowUp {
  /** True if a run has changed the host. */
  readonly hasChanged: boolean;
  readonly waitForDns?: boolean | undefined;
}

/**
 * Resolves to the session to apply again, because DNS was waited for or HTTPS has worked from outside since the run; to undefined if
 * nothing is left to do.
 */
export async function httpsFollowUp(session: HostSession, followUp: FollowUp, context: Context): Promise<HostSession | undefined> {
  if (followUp.waitForDns && session.waiting.length > 0) return waitForDns(session, context);
  if (!followUp.hasChanged) return undefined;
  const now = await withHttpsDecision(session, session.configBeforeHttps);
  const news = session.config.sites.flatMap((before, index) => newsOf(before, now.config.sites[index]));
  if (news.length === 0) return undefined;
  for (const text of new Set(news)) context.emit({ event: 'note', host: session.transport.host, text });
  return now;
}

/** Returns what the run has changed about a site's HTTPS, one sentence each. */
export function newsOf({ domain, https, names }: Site, now?: Site): readonly string[] {
  if (!now) return [];
  const has = (site: Pick<Site, 'https'>) => site.https.certificate.kind !== 'none';
  return [
    ...(has(now) && !has({ https }) ? [`${domain} points to this host; getting a certificate.`] : []),
    ...(has(now) && now.https.redirects !== https.redirects
      ? [
          now.https.redirects
            ? `HTTP of ${domain} now redirects to HTTPS.`
            : `HTTP of ${domain} stays open, because a redirect to HTTPS would loop.`,
        ]
      : []),
    ...(has(now) && now.names[0] !== names[0] ? [`${now.names[0]} is the canonical name of ${domain}.`] : []),
    ...(now.https.proven && !https.proven ? ['HTTPS works from outside; turning on HSTS, so browsers will use only HTTPS.'] : []),
  ];
}

async function waitForDns(session: HostSession, { emit, signal }: Context): Promise<HostSession> {
  const deadline = performance.now() + dnsTimeoutMinutes * 60_000;
  for (let now = session; ; now = await withHttpsDecision(session, session.configBeforeHttps)) {
    if (now.waiting.length === 0) return now;
    const awaited = now.waiting.map(({ domain, advice }) => `${domain}: ${advice}`).join('; ');
    if (performance.now() > deadline)
      throw new Problem({
        message: `After ${dnsTimeoutMinutes} minutes DNS does not point to this host yet. ${awaited}.`,
        hint: 'The site is reachable over HTTP. Create the records, then re-run.',
      });
    emit({ event: 'stage', host: session.transport.host, text: `waiting for DNS: ${awaited}` });
    await sleep(pauseSeconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
