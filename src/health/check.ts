import type { Command } from '../command/command.ts';
import type { HealthContext } from './context.ts';

/** What every check has: its hop and its kind. */
export interface AnyCheck {
  readonly kind: string;
  readonly hop: string;
  readonly log?: Command;
}

/** How to run one kind of check. Each kind has a file of its own, and is listed in src/health/kinds.ts. */
export interface CheckKind<C extends AnyCheck = AnyCheck> {
  readonly kind: C['kind'];
  ask(check: C, context: HealthContext, signal: AbortSignal): Promise<Finding>;
  /** Explains, in one line, a check that could not be completed. */
  failure(check: C, context: HealthContext, error: unknown): string;
}

/** Returns the kind unchanged, and infers its types. */
export function defineCheck<C extends AnyCheck>(kind: CheckKind<C>): CheckKind<C> {
  return kind;
}

/** What a check of a service carries: `log` prints, as root on the host, the last lines that explain a failure. */
export interface Explained {
  readonly log?: Command;
}

/** What a check carries that asks what answers the requests of a site's release: with another release, another socket is asked, or none. */
export interface OfRelease {
  readonly socket: string;
  /** The site's domain, and what is spoken at the socket; left out where the socket is the same for every release. */
  readonly release?: { readonly site: string; readonly protocol: 'fastcgi' | 'http' };
}

/** The result of one hop. `detail` is one line of evidence; `log` has the lines that explain a failure, oldest first. */
export interface Hop {
  readonly hop: string;
  readonly ok: boolean;
  /** What to do about a problem on which nothing depends yet. */
  readonly warning?: string;
  /** The duration of the hop, in milliseconds. */
  readonly ms: number;
  readonly detail: string;
  readonly log?: readonly string[];
}

/** The result of a check. The verification adds `ms`, the hop's name and the log. */
export type Finding = Pick<Hop, 'ok' | 'detail' | 'warning'>;
