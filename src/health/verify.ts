import type { Check, Finding, Hop } from './check.ts';
import { path } from './check.ts';
import { placeOf } from './connect.ts';
import type { HealthContext } from './context.ts';
import { within } from './deadline.ts';
import { checkDns } from './dns.ts';
import { checkFpm } from './fpm.ts';
import { checkHttp } from './http.ts';
import { readLog } from './log.ts';
import { checkMysql } from './mysql.ts';
import { reason } from './reason.ts';
import { redactor } from './redact.ts';
import { checkTcp } from './tcp.ts';
import { checkTls } from './tls.ts';

/** Seconds until a hop is given up. DNS and TCP give up sooner by themselves, since they have more to say then. */
const deadline = 10;

/**
 * Walks the request path. All hops are asked at once, and each is handed to `onHop` as soon as it and those before it on the path are known;
 * the hops are returned in that order. It never rejects for an unhealthy host: what fails is a hop that is not ok.
 */
export async function verify(checks: readonly Check[], context: HealthContext, onHop: (hop: Hop) => void): Promise<readonly Hop[]> {
  const redact = redactor(context.secrets ?? []);
  const walks = [...checks].sort((a, b) => path.indexOf(a.hop) - path.indexOf(b.hop)).map((check) => walk(check, context, redact));
  const hops: Hop[] = [];
  for (const next of walks) {
    const hop = await next;
    onHop(hop);
    hops.push(hop);
  }
  return hops;
}

async function walk(check: Check, context: HealthContext, redact: (text: string) => string): Promise<Hop> {
  const start = performance.now();
  const finding = await settle(check, context);
  const ms = Math.round(performance.now() - start);
  const hop: Hop = { hop: check.hop, ...finding, detail: redact(finding.detail), ms };
  // What the CA said of a certificate that is pending is worth knowing, too.
  const isWell = hop.ok && !(check.kind === 'tls' && hop.warning !== undefined);
  if (isWell || check.kind === 'dns' || check.log === undefined) return hop;
  const log = await readLog(context.transport, check.log, redact);
  return log.length === 0 ? hop : { ...hop, log };
}

async function settle(check: Check, context: HealthContext): Promise<Finding> {
  try {
    return await within(deadline, (signal) => ask(check, context, signal));
  } catch (error) {
    return { ok: false, detail: failure(check, context, error) };
  }
}

async function ask(check: Check, context: HealthContext, signal: AbortSignal): Promise<Finding> {
  switch (check.kind) {
    case 'dns':
      return checkDns(check, context);
    case 'tcp':
      return checkTcp(check, context);
    case 'tls':
      return checkTls(check, context, signal);
    case 'http':
      return checkHttp(check, context, signal);
    case 'fpm':
      return checkFpm(check, context, signal);
    case 'mysql':
      return checkMysql(check, context, signal);
  }
}

const stopped = 'its service is not running';

function failure(check: Check, context: HealthContext, error: unknown): string {
  switch (check.kind) {
    case 'dns':
      return reason(error, 'the nameservers');
    case 'tcp':
      return reason(error, placeOf(context, check.port));
    case 'tls':
    case 'http':
      return reason(error, placeOf(context, check.port), {
        refused: 'nothing listens there',
        late: 'a firewall drops it, or the application hangs',
      });
    case 'fpm':
      return reason(error, check.socket, { refused: stopped, late: 'every worker of the pool is busy, or the pool hangs' });
    case 'mysql':
      return reason(error, check.socket, { refused: stopped, late: 'the server hangs, or is still starting' });
  }
}
