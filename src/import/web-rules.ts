import type { UserRoute } from '../config-file/define.ts';
import type { Remark } from './remark.ts';

/** The rules of one site in the configuration of the old web server, as far as our configuration can express them. */
export interface WebRules {
  readonly routes: Record<string, UserRoute>;
  readonly proxy: Record<string, number>;
  readonly deny: string[];
  readonly headers: Record<string, string>;
  /** PHP settings that the web server passes on. */
  readonly settings: Record<string, string>;
  /** Names of environment variables that the web server sets for the application. */
  readonly environment: string[];
  readonly remarks: Remark[];
}

/** How the web server runs PHP: by PHP-FPM at a socket or a port, or as a module. */
export type PhpHandler = { readonly kind: 'fpm'; readonly address: string } | { readonly kind: 'module' };

/** One site in the configuration of the old web server. */
export interface Vhost extends WebRules {
  readonly server: 'nginx' | 'apache';
  /** The file and line of the block. */
  readonly at: string;
  readonly names: string[];
  readonly isTls: boolean;
  docroot?: string;
  php?: PhpHandler;
  /** The user that the web server names for this site alone (mpm-itk, suEXEC). */
  user?: string;
  /** True if the block only redirects to another address. */
  redirects?: true;
}

export function newVhost(start: Pick<Vhost, 'server' | 'at' | 'names' | 'isTls'>): Vhost {
  return { ...start, routes: {}, proxy: {}, deny: [], headers: {}, settings: {}, environment: [], remarks: [] };
}

/**
 * Adds a rewrite or a redirect as a route. Returns false if it cannot be one: its regular expression must be a literal path, followed at most
 * by one group for the rest.
 */
export function addRoute(rules: WebRules, pattern: string, to: string, how: 'permanent' | 'temporary' | 'internal'): boolean {
  const [, path, rest] = /^\^?(\/(?:[A-Za-z0-9_~/-]|\\\.)*?)(\(\.[*+]\)|\.\*)?\/?\??\$?$/.exec(pattern) ?? [];
  if (path === undefined || /\$[2-9a-z{]|%\{/.test(to) || (to.includes('$1') && !rest?.startsWith('('))) return false;
  if (!/^(\/|https?:\/\/)/.test(to) || (how === 'internal' && !to.startsWith('/'))) return false;
  const from = `${path.replaceAll('\\.', '.')}${rest ? '*' : ''}`;
  if (from === '/*' || from === '/') return false;
  rules.routes[from] = how === 'internal' ? to : { redirect: to, ...(how === 'permanent' && { permanent: true }) };
  return true;
}

/** Returns the paths that a regular expression denies, as `/*.ext` or `/folder/`, or undefined if it matches others too. */
export function deniedByPattern(pattern: string): readonly string[] | undefined {
  // Names that begin with a dot are never served.
  if (/^\^?\(?\/?\\\.(?:\(\?!well-known.*|ht|git|env|\(?[?!\w|:-]*\)?)?\)?(?:\.\*)?$/.test(pattern) && !pattern.endsWith('$')) return [];
  const [, several, one] = /^(?:\.\*|\^.*)?\\\.(?:\((?:\?:)?([\w|]+)\)|(\w+))\$$/.exec(pattern) ?? [];
  const extensions = (several ?? one)?.split('|');
  if (extensions) return extensions.map((extension) => `/*.${extension}`);
  const [, folder] = /^\^?(\/[A-Za-z0-9_/-]+)(?:\/|\/\.\*|\/\(\.\*\))?\$?$/.exec(pattern) ?? [];
  return folder ? [`${folder.replace(/\/$/, '')}/`] : undefined;
}
