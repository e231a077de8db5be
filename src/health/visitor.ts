import { isIPv6 } from 'node:net';
import { type Lookup, lookUpCached } from '../dns/lookup.ts';
import { within } from '../within.ts';
import { among } from './addresses.ts';
import { defineCheck, type Finding } from './check.ts';
import { dial } from './connect.ts';
import type { HealthContext } from './context.ts';
import { ask, askOver } from './http.ts';
import { oneLine, reason } from './reason.ts';

/** Checks a visitor's path to the site: its name in DNS, the address, and every redirect. */
export interface VisitorCheck {
  /** The canonical name, and the path. */
  readonly host: string;
  readonly path: string;
  /** All names of the site. */
  readonly names: readonly string[];
  /** Names whose addresses, its own or a proxy's, lead to this host. */
  readonly reached?: readonly string[];
}

/** The timeout of one request. If it takes longer, a firewall probably blocks it. */
const timeoutSeconds = 4;

/** The maximum number of redirects. Browsers follow about 20, but a loop is noticed sooner. */
const maxRedirects = 10;

interface Step {
  readonly url: URL;
  readonly address: string;
  readonly status: number;
  readonly location: string | undefined;
}

/** Requests the public name like a visitor. Fails on a redirect loop, and warns if the answer differs from the host's own. */
export async function checkVisitor(check: VisitorCheck, context: HealthContext, signal: AbortSignal): Promise<Finding> {
  const visited: string[] = [];
  let url = new URL(`http://${check.host}${check.path}`);
  for (;;) {
    const lookup = await (context.lookUp ?? lookUpCached)(url.hostname);
    const [address] = [...lookup.A, ...lookup.AAAA];
    if (address === undefined || !pointsHere(lookup, check, context)) return notAsked(url.hostname, address, lookup, visited);
    const step = await stepTo(url, address, signal);
    if ('why' in step)
      return { ok: true, detail: `not asked: ${step.why}`, warning: 'a visitor may see something else than this host says' };
    visited.push(url.href);
    const next = nextOf(step, check);
    if (next === undefined) return compare(check, step, visited, context, signal);
    if (visited.includes(next.href) || visited.length > maxRedirects) return circle([...visited, next.href]);
    url = next;
  }
}

function pointsHere({ name, A, AAAA }: Lookup, { reached = [] }: VisitorCheck, { addresses, transport }: HealthContext): boolean {
  return reached.includes(name) || [...A, ...AAAA].every(among([...addresses, transport.address]));
}

function notAsked(name: string, address: string | undefined, { gap }: Lookup, visited: readonly string[]): Finding {
  const why =
    address !== undefined
      ? `${name} points to ${address}, not to this host`
      : gap === 'unreachable'
        ? `no nameserver answered for ${name}`
        : `${name} has no address in DNS`;
  const last = visited.at(-1);
  return last === undefined
    ? { ok: true, detail: `not asked: ${why}` }
    : { ok: true, detail: `${shown(last)} redirects to ${name}`, warning: `visitors are sent away from this host: ${why}` };
}

async function stepTo(url: URL, address: string, signal: AbortSignal): Promise<Step | { readonly why: string }> {
  const isSecure = url.protocol === 'https:';
  const port = isSecure ? 443 : 80;
  const place = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  try {
    const { status, location } = await within(timeoutSeconds, async (timeout) => {
      const both = AbortSignal.any([signal, timeout]);
      return askOver(await dial(address, port, both), { host: url.hostname, path: `${url.pathname}${url.search}`, isSecure }, both);
    });
    return { url, address, status, location };
  } catch (error) {
    return { why: reason(error, place) };
  }
}

function nextOf({ url, status, location }: Step, { names }: VisitorCheck): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined || !URL.canParse(location, url.href)) return undefined;
  const next = new URL(location, url);
  next.hash = '';
  return names.includes(next.hostname) && next.port === '' && /^https?:$/.test(next.protocol) ? next : undefined;
}

function circle(urls: readonly string[]): Finding {
  const way = [...new Set(urls), urls.at(-1) ?? ''].map(shown);
  return {
    ok: false,
    detail: `visitors are redirected in a loop: ${way.join(' -> ')}. A proxy asks this host over HTTP for visitors who came over HTTPS, or the application has another address of its own: the plan says which`,
  };
}

/** Compares the answer with the host's own, unless the name has the address that we connected to. */
async function compare(
  check: VisitorCheck,
  step: Step,
  visited: readonly string[],
  context: HealthContext,
  signal: AbortSignal,
): Promise<Finding> {
  const { url, address, status } = step;
  const by = visited.length > 1 ? `, redirected to ${shown(url.href)}` : '';
  const detail = `${status} for http://${check.host}${check.path} at ${address}${by}`;
  if (address === context.transport.address) return { ok: true, detail };
  const isSecure = url.protocol === 'https:';
  const direct = await ask(
    { host: url.hostname, path: `${url.pathname}${url.search}`, isSecure },
    isSecure ? 443 : 80,
    context,
    signal,
  ).catch(() => undefined);
  return direct === undefined || direct.status === status
    ? { ok: true, detail }
    : { ok: true, detail, warning: `this host itself answers ${shown(url.href)} with ${direct.status}` };
}

/** Returns a URL without its query, which may contain a secret. */
function shown(url: string): string {
  return oneLine(url.replace(/[?#].*/s, ''), 100);
}

export const visitorCheck = defineCheck<VisitorCheck>({
  hop: 'visitor',
  place: 'application',
  ask: checkVisitor,
  failure: ({ host }, _, error) => reason(error, host),
});
