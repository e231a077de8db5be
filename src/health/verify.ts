import type { Command } from '../command/command.ts';
import { within } from '../within.ts';
import type { CheckKind, Finding, Hop } from './check.ts';
import type { HealthContext } from './context.ts';
import { type Check, checkKinds, path } from './kinds.ts';
import { readLog } from './log.ts';
import { redactor } from './redact.ts';

/** By its name; each is handed the checks of its own kind alone. */
const kinds: ReadonlyMap<string, CheckKind> = new Map(checkKinds.map((kind) => [kind.kind, kind]));

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
  const isWell = hop.ok && hop.warning === undefined;
  const log: Command | undefined = 'log' in check ? check.log : undefined;
  if (isWell || log === undefined) return hop;
  const lines = await readLog(context.transport, log, redact);
  return lines.length === 0 ? hop : { ...hop, log: lines };
}

async function settle(check: Check, context: HealthContext): Promise<Finding> {
  const kind = kinds.get(check.kind);
  if (!kind) throw new TypeError(`there is no kind of check ${check.kind}`);
  try {
    return await within(deadline, (signal) => kind.ask(check, context, signal));
  } catch (error) {
    return { ok: false, detail: kind.failure(check, context, error) };
  }
}
