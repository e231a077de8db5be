import type { Command } from '../command/command.ts';
import type { HealthContext } from './context.ts';

/** What every check says: the hop that it tells of, and its kind. */
export interface AnyCheck {
  readonly kind: string;
  readonly hop: string;
  readonly log?: Command;
}

/** How one kind of check is made; each stands in a file of its own, which src/health/kinds.ts names. */
export interface CheckKind<C extends AnyCheck = AnyCheck> {
  readonly kind: C['kind'];
  ask(check: C, context: HealthContext, signal: AbortSignal): Promise<Finding>;
  /** What it means that nothing could be found out, in one line. */
  failure(check: C, context: HealthContext, error: unknown): string;
}

/** Gives a kind of check its types; it changes nothing. */
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

/** How one hop is. `detail` is one line of evidence; `log` the lines that explain a failure, oldest first. */
export interface Hop {
  readonly hop: string;
  readonly ok: boolean;
  /** Unhealthy, but nothing depends on it yet: what to do about it. */
  readonly warning?: string;
  /** Milliseconds that the hop took, whole. */
  readonly ms: number;
  readonly detail: string;
  readonly log?: readonly string[];
}

/** What a check found out; `ms`, the hop's name and the log are the verification's to add. */
export type Finding = Pick<Hop, 'ok' | 'detail' | 'warning'>;
