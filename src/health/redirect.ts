/** What a request asks for: the `Host` header, the path with its query, and whether by HTTPS. */
export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly isSecure?: boolean;
}

/** Which redirects a check goes along with. */
export interface Following {
  readonly port: number;
  /** The answer that ends the way. */
  readonly status: number;
  /** Names that a redirect may lead to, as a visitor's browser would go on: to an installer, a login, a language. None where it is left out. */
  readonly follow?: readonly string[];
  /** The port to which a redirect to HTTPS may lead; its certificate is the hop `tls`'s to judge. None where it is left out. */
  readonly secure?: number;
}

/** Redirects that are followed; a chain of more is one that goes in a circle. */
export const mostRedirects = 5;

/**
 * Where a redirect leads, as the next request; undefined for what is none, or leads out of the names that the check follows to, or to another port or scheme.
 * `location` may be relative (RFC 9110, 10.2.2).
 */
export function redirected(check: Following, asked: Asked, status: number, location: string | undefined): Asked | undefined {
  if (status === check.status || ![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const base = `${addressOf(asked, check)}${asked.path}`;
  if (!URL.canParse(location, base)) return undefined;
  const to = new URL(location, base);
  if (!check.follow?.includes(to.hostname)) return undefined;
  const path = `${to.pathname}${to.search}`;
  if (to.protocol === 'http:' && Number(to.port || 80) === check.port) return { host: to.hostname, path };
  if (to.protocol === 'https:' && Number(to.port || 443) === check.secure) return { host: to.hostname, path, isSecure: true };
  return undefined;
}

function addressOf({ host, isSecure }: Asked, { port, secure }: Following): string {
  return isSecure ? `https://${host}:${secure ?? 443}` : `http://${host}:${port}`;
}
