import type { Command } from '../command/command.ts';

export type HopName = 'dns' | 'tcp' | 'tls' | 'nginx' | 'php-fpm' | 'mysql' | 'app';

/** What every check carries: `log` prints, as root on the host, the last lines that explain a failure. */
interface Explained {
  readonly log?: Command;
}

/**
 * One hop of the request path, as data: a playbook says what to ask and what a healthy answer is,
 * and the verification asks it. `secret` names a secret that is kept on the host.
 */
export type Check =
  | { readonly kind: 'dns'; readonly hop: 'dns'; readonly names: readonly string[]; /** A mismatch is a warning until something depends on DNS. */ readonly required: boolean }
  | ({ readonly kind: 'tcp'; readonly hop: 'tcp'; readonly port: number } & Explained)
  | ({
      readonly kind: 'http';
      readonly hop: 'nginx' | 'app';
      readonly port: number;
      /** The `Host` header. */
      readonly host: string;
      readonly path: string;
      readonly status: number;
      /** Text that the body must hold; an empty body is never healthy. */
      readonly contains?: string;
    } & Explained)
  | ({ readonly kind: 'fpm'; readonly hop: 'php-fpm'; readonly socket: string; /** FPM's `ping.path`; the answer is `pong`. */ readonly path: string } & Explained)
  | ({
      readonly kind: 'mysql';
      readonly hop: 'mysql';
      readonly socket: string;
      readonly database: string;
      readonly user: string;
      readonly secret: string;
    } & Explained);

/** How one hop is. `detail` is one line of evidence; `log` the lines that explain a failure, oldest first. */
export interface Hop {
  readonly hop: HopName;
  readonly ok: boolean;
  /** Unhealthy, but nothing depends on it yet: what to do about it. */
  readonly warning?: string;
  /** Milliseconds. */
  readonly ms: number;
  readonly detail: string;
  readonly log?: readonly string[];
}
