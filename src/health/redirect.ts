/** A request: the `Host` header, the path with its query, and whether it uses HTTPS. */
export interface PageRequest {
  readonly host: string;
  readonly path: string;
  readonly isSecure?: boolean;
}

/** The redirects that a check follows. */
export interface Following {
  readonly port: number;
  /** The status of the final answer. */
  readonly status: number;
  /** Names that a redirect may lead to, as for a visitor's browser: to an installer, a login, a language. By default none. */
  readonly follow?: readonly string[];
  /** The port to which a redirect to HTTPS may lead. The hop `tls` judges its certificate. By default none. */
  readonly secure?: number;
}

/** The number of redirects that are followed; more than that is a loop. */
export const maxRedirects = 5;

/**
 * Returns the next request after a redirect, or undefined if the answer is not a redirect, or one to a name, port or scheme that the check
 * does not follow. `location` may be relative (RFC 9110, 10.2.2).
 */
export function redirected(check: Following, asked: PageRequest, status: number, location: string | undefined): PageRequest | undefined {
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

/** Returns whether an answer redirects to a name outside the check's names. */
export function leaves(check: Following, asked: PageRequest, status: number, location: string | undefined): boolean {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return false;
  const base = `${addressOf(asked, check)}${asked.path}`;
  return URL.canParse(location, base) && check.follow?.includes(new URL(location, base).hostname) === false;
}

function addressOf({ host, isSecure }: PageRequest, { port, secure }: Following): string {
  return isSecure ? `https://${host}:${secure ?? 443}` : `http://${host}:${port}`;
}
