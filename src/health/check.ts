import type { Command } from '../command/command.ts';
import type { HealthContext } from './context.ts';

/** The places of the request path, in the order in which a request passes them. Results are reported in this order. */
export const places = ['name', 'connection', 'encryption', 'web server', 'runtime', 'data', 'application'] as const;

export type Place = (typeof places)[number];

/** A check of a service. `log` prints, as root on the host, the last lines that explain a failure. */
export interface Explained {
  readonly log?: Command;
}

/** A check of the server of a site's release. Another release has another socket, or none. */
export interface OfRelease {
  readonly socket: string;
  /** The site's domain, and the protocol of the socket. Missing if the socket is the same for every release. */
  readonly release?: { readonly site: string; readonly protocol: 'fastcgi' | 'http' };
}

/** One hop of the request path, as data: what to ask and what a healthy answer is. Made by a function that `defineCheck` returned. */
export interface Check extends Explained, Partial<OfRelease> {
  readonly hop: string;
  readonly kind: CheckKind;
  /** The domain of the only one of several sites that it is about. */
  readonly site?: string;
}

/** How to run the checks of one hop. */
export interface CheckKind {
  readonly place: Place;
  readonly ask: (check: Check, context: HealthContext, signal: AbortSignal) => Promise<Finding>;
  readonly failure: (check: Check, context: HealthContext, error: unknown) => string;
  readonly preload?: () => void;
}

/** A check whose attributes are known. */
export type CheckOf<A> = A & Check;

/** Describes the checks of one hop. `A` is what a playbook says about one. */
export interface CheckDefinition<A> {
  /** Its name in results: `php-fpm`. */
  readonly hop: string;
  /** Where on the request path it is. Hops at the same place are reported in the order of the playbooks. */
  readonly place: Place;
  /** Runs the check. The signal is aborted after 10 seconds or when the check has ended; whatever was opened must then be closed. */
  readonly ask: (attributes: A, context: HealthContext, signal: AbortSignal) => Promise<Finding>;
  /** Explains, in one line, why `ask` rejected. */
  readonly failure: (attributes: A, context: HealthContext, error: unknown) => string;
  /** Loads what is slow to load. Called while this process waits for the host. */
  readonly preload?: () => void;
}

/** Returns the function that makes the checks of one hop. */
export function defineCheck<A extends object>({
  hop,
  place,
  ask,
  failure,
  preload,
}: CheckDefinition<A>): (attributes: A & Explained) => CheckOf<A> {
  const kind: CheckKind = {
    place,
    ask: (check, context, signal) => ask(checked(check), context, signal),
    failure: (check, context, error) => failure(checked(check), context, error),
    ...(preload && { preload }),
  };
  // Only the function below makes checks of this kind.
  const isOwn = (check: Check): check is CheckOf<A> => check.kind === kind;
  const checked = (check: Check): CheckOf<A> => {
    if (isOwn(check)) return check;
    throw new TypeError(`a check of the hop ${check.hop} was handed to ${hop}`);
  };
  return (attributes) => ({ ...attributes, hop, kind });
}

/** The result of one hop. `detail` is one line of evidence; `log` has the lines that explain a failure, oldest first. */
export interface Hop {
  readonly hop: string;
  /** The domain of the only one of several sites that it is about. */
  readonly site?: string;
  readonly ok: boolean;
  /** What to do about a problem on which nothing depends yet. */
  readonly warning?: string;
  /** The duration of the hop, in milliseconds. */
  readonly ms: number;
  readonly detail: string;
  readonly log?: readonly string[];
}

/** The result of a check. The verification adds `ms`, the hop's name and the log. */
export interface Finding extends Pick<Hop, 'ok' | 'detail' | 'warning'> {
  /** The log has nothing to say about the warning. */
  readonly withoutLog?: boolean;
}
