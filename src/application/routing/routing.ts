/** How an application's addresses are answered, besides its files. All patterns and targets passed `safePattern` and `safeTarget`. */
export interface Routing {
  /** The first that matches counts. */
  readonly routes: readonly Route[];
  /** What is never served. */
  readonly denials: readonly Denial[];
  readonly headers: readonly Header[];
  /** The page for a status, as an address: `404` to `/404.html`. */
  readonly errorPages: Readonly<Record<string, string>>;
  /** Names of a folder's page, before the usual ones. */
  readonly index: readonly string[];
  /** `/about` is answered by `about.html`. */
  readonly cleanUrls: boolean;
}

/** `for: 'no file'` holds for the addresses that are no files; `'all'` also for the others. */
export type Route =
  /**
   * The address leads to another one of the application, of which the visitor sees nothing. `query: 'replaced'` drops the visitor's own.
   */
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

/** `of: 'files'` stops files and leaves the other addresses that match to the application; `'all'` stops both. */
export interface Denial {
  readonly pattern: string;
  readonly of: 'files' | 'all';
}

/** A response header; empty for none. With a pattern, only for the addresses that match. */
export interface Header {
  readonly name: string;
  readonly value: string;
  readonly pattern?: string;
}

/** Everything is a file or is not there. */
export const noRouting: Routing = { routes: [], denials: [], headers: [], errorPages: {}, index: [], cleanUrls: false };

/** Combines what several sources say; the first counts where only one can. */
export function combined(parts: readonly Partial<Routing>[]): Routing {
  return {
    routes: parts.flatMap(({ routes = [] }) => routes),
    denials: parts.flatMap(({ denials = [] }) => denials),
    headers: parts.flatMap(({ headers = [] }) => headers),
    errorPages: Object.assign({}, ...parts.map(({ errorPages = {} }) => errorPages).reverse()),
    index: [...new Set(parts.flatMap(({ index = [] }) => index))],
    cleanUrls: parts.some(({ cleanUrls }) => cleanUrls),
  };
}
