/**
 * How an application's addresses are answered, apart from its files. All patterns and targets have passed `safePattern` and `safeTarget`.
 */
export interface Routing {
  /** The first route that matches is used. */
  readonly routes: readonly Route[];
  /** Addresses that are never served. */
  readonly denials: readonly Denial[];
  readonly headers: readonly Header[];
  /** The page for a status, as an address: `404` to `/404.html`. */
  readonly errorPages: Readonly<Record<string, string>>;
  /** Names of index files, before the usual ones. */
  readonly index: readonly string[];
  /** Whether `about.html` answers `/about`. */
  readonly cleanUrls: boolean;
  /** The page to which visitors of the front page are led as long as this folder exists. */
  readonly installer?: { readonly folder: string; readonly page: string };
}

/** A route with `for: 'no file'` applies only to addresses that are not files, and one with `'all'` to all addresses. */
export type Route =
  /** The application answers another address, without a redirect. `query: 'replaced'` drops the visitor's query. */
  | {
      readonly kind: 'rewrite';
      readonly from: string;
      readonly to: string;
      readonly for: 'no file' | 'all';
      readonly query?: 'replaced';
    }
  | {
      readonly kind: 'redirect';
      readonly from: string;
      readonly to: string;
      readonly for: 'no file' | 'all';
      readonly permanent: boolean;
      readonly query?: 'replaced';
    }
  | { readonly kind: 'answer'; readonly from: string; readonly status: 403 | 404 | 410; readonly for: 'no file' | 'all' };

/** `of: 'files'` denies files and leaves other matching addresses to the application; `'all'` denies both. */
export interface Denial {
  readonly pattern: string;
  readonly of: 'files' | 'all';
}

/** A response header; an empty value removes it. With a pattern, it applies only to the addresses that match. */
export interface Header {
  readonly name: string;
  readonly value: string;
  readonly pattern?: string;
}

/** The routing of a site with nothing but files. */
export const noRouting: Routing = { routes: [], denials: [], headers: [], errorPages: {}, index: [], cleanUrls: false };

/** Combines several sources. The first takes precedence where there can be only one value. */
export function combined(parts: readonly Partial<Routing>[]): Routing {
  const installer = parts.find((part) => part.installer)?.installer;
  return {
    routes: parts.flatMap(({ routes = [] }) => routes),
    denials: parts.flatMap(({ denials = [] }) => denials),
    headers: parts.flatMap(({ headers = [] }) => headers),
    errorPages: Object.assign({}, ...parts.map(({ errorPages = {} }) => errorPages).reverse()),
    index: [...new Set(parts.flatMap(({ index = [] }) => index))],
    cleanUrls: parts.some(({ cleanUrls }) => cleanUrls),
    ...(installer && { installer }),
  };
}
