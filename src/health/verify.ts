import { within } from '../within.ts';
import { type Check, type Finding, type Hop, places } from './check.ts';
import type { HealthContext } from './context.ts';
import { readLog } from './log.ts';
import { redactor } from './redact.ts';

/** The timeout of a hop. DNS and TCP have shorter ones of their own, after which they can say more. */
const hopTimeoutSeconds = 10;

/**
 * Checks all hops of the request path in parallel. Calls `onHop` for each in the order of the path, as soon as it and those before it are
 * known, and returns them in that order. Never rejects for an unhealthy host: a failure is a hop that is not ok.
 */
export async function verify(checks: readonly Check[], context: HealthContext, onHop: (hop: Hop) => void): Promise<readonly Hop[]> {
  const redact = redactor(context.secrets ?? []);
  const walks = [...checks].sort((a, b) => positionOf(a) - positionOf(b)).map((check) => walk(check, context, redact));
  const hops: Hop[] = [];
  for (const next of walks) {
    const hop = await next;
    onHop(hop);
    hops.push(hop);
  }
  return hops;
}

function positionOf({ kind }: Check): number {
  return places.indexOf(kind.place);
}

async function walk(check: Check, context: HealthContext, redact: (text: string) => string): Promise<Hop> {
  const start = performance.now();
  const { withoutLog, ...finding } = await settle(check, context);
  const ms = Math.round(performance.now() - start);
  const hop: Hop = {
    hop: check.hop,
    ...(check.site !== undefined && { site: check.site }),
    ...finding,
    detail: redact(finding.detail),
    ...(finding.warning !== undefined && { warning: redact(finding.warning) }),
    ms,
  };
  // Also show what the CA said about a pending certificate.
  const isWell = hop.ok && hop.warning === undefined;
  if (isWell || withoutLog || check.log === undefined) return hop;
  const lines = await readLog(context.transport, check.log, redact);
  return lines.length === 0 ? hop : { ...hop, log: lines };
}

async function settle(check: Check, context: HealthContext): Promise<Finding> {
  const { kind } = check;
  try {
    return await within(hopTimeoutSeconds, (signal) => kind.ask(check, context, signal));
  } catch (error) {
    return { ok: false, detail: kind.failure(check, context, error) };
  }
}
