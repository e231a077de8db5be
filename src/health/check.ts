import type { Command } from '../command/command.ts';

/** The hops in the order in which a request passes them; results are reported in this order. */
export const path = ['dns', 'tcp', 'tls', 'nginx', 'php-fpm', 'mysql', 'app'] as const;

export type HopName = (typeof path)[number];

/** What a check of a service carries: `log` prints, as root on the host, the last lines that explain a failure. */
interface Explained {
  readonly log?: Command;
}

/** Each name's A and AAAA records lead to this host. */
export interface DnsCheck {
  readonly kind: 'dns';
  readonly hop: 'dns';
  readonly names: readonly string[];
  /** A mismatch is a warning until something depends on DNS. */
  readonly required: boolean;
}

/** The port accepts connections. */
export interface TcpCheck extends Explained {
  readonly kind: 'tcp';
  readonly hop: 'tcp';
  readonly port: number;
}

/** A visitor's handshake with the canonical name: the chain, the names, how long it still holds; and that HTTP leads there. */
export interface TlsCheck extends Explained {
  readonly kind: 'tls';
  readonly hop: 'tls';
  readonly port: number;
  /** The canonical one first. */
  readonly names: readonly string[];
  /** Who should have signed: a CA that may still be asked, the owner's, or the certificate itself. */
  readonly issuer: 'ca' | 'own' | 'self';
  /** PEM: CAs that count besides the public ones. */
  readonly authorities?: string;
}

/** A plain HTTP request for `path` is answered with `status` and a body, itself or where it redirects to within the names of `follow`. */
export interface HttpCheck extends Explained {
  readonly kind: 'http';
  readonly hop: 'nginx' | 'app';
  readonly port: number;
  /** The `Host` header. */
  readonly host: string;
  readonly path: string;
  readonly status: number;
  /** Text that the body must hold; an empty body is never healthy. */
  readonly contains?: string;
  /** Names that a redirect may lead to, as a visitor's browser would go on: to an installer, a login, a language. None where it is left out. */
  readonly follow?: readonly string[];
  /** The port to which a redirect to HTTPS may lead; its certificate is the hop `tls`'s to judge. None where it is left out. */
  readonly secure?: number;
}

/** A PHP worker of the pool that listens on `socket` answers. */
export interface FpmCheck extends Explained {
  readonly kind: 'fpm';
  readonly hop: 'php-fpm';
  readonly socket: string;
  /** FPM's `ping.path`; the answer is `pong`. */
  readonly path: string;
  /** The script on the host that tells what opcache holds, as JSON. */
  readonly opcache?: string;
}

/** The application's user can log in over `socket` and read its own database. */
export interface MysqlCheck extends Explained {
  readonly kind: 'mysql';
  readonly hop: 'mysql';
  readonly socket: string;
  readonly database: string;
  readonly user: string;
  /** The name of the user's password among the secrets that are kept on the host. */
  readonly secret: string;
}

/**
 * One hop of the request path, as data: a playbook says what to ask and what a healthy answer is,
 * and the verification asks it.
 */
export type Check = DnsCheck | TcpCheck | TlsCheck | HttpCheck | FpmCheck | MysqlCheck;

/** How one hop is. `detail` is one line of evidence; `log` the lines that explain a failure, oldest first. */
export interface Hop {
  readonly hop: HopName;
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
