import { alternativesOf, matchesAddress, safeLocation, safePattern, safeTarget, tokensOf } from '../routing/pattern.ts';
import type { Denial, Route } from '../routing/routing.ts';
import { type Conditions, conditionsOf, type Understood } from './conditions.ts';
import type { Directive } from './parse.ts';

/** The meaning of mod_rewrite's directives in one file. */
export interface Rewriting {
  readonly routes: readonly Route[];
  readonly denials: readonly Denial[];
  /** The directives without a counterpart. */
  readonly unread: readonly Directive[];
}

/** Patterns that match any address, or any except the folder's own. */
const matchesAll = /^\^?(?:|\.|\.[*+]|\(\.[*+]\))\$?$/;

/** Translates the rules of the `.htaccess` at an address (`/`, `/blog/`). https://httpd.apache.org/docs/2.4/mod/mod_rewrite.html */
export function rewriting(directives: readonly Directive[], at: string): Rewriting {
  const routes: Route[] = [];
  const denials: Denial[] = [];
  const unread: Directive[] = [];
  let conditions: Directive[] = [];
  let base = at;
  let filesPass = false;
  for (const directive of directives) {
    if (directive.name === 'rewritebase') base = `${directive.words[0] ?? at}/`.replace(/\/+$/, '/');
    else if (directive.name === 'rewritecond') conditions.push(directive);
    else if (directive.name === 'rewriterule') {
      const before = conditions;
      conditions = [];
      const found = ruleOf(directive, before, { at, base, filesPass });
      if (found === 'files pass') filesPass = true;
      else if (found === 'not understood') unread.push(...before, directive);
      else if (found !== 'covered') {
        routes.push(...found.routes);
        denials.push(...found.denials);
      }
    } else if (directive.name !== 'rewriteengine' && directive.name !== 'rewriteoptions') unread.push(directive);
  }
  return { routes, denials, unread };
}

interface Place {
  readonly at: string;
  readonly base: string;
  readonly filesPass: boolean;
}

type Found = Pick<Rewriting, 'routes' | 'denials'> | Exclude<Understood, Conditions>;

function ruleOf({ words }: Directive, conditions: readonly Directive[], { at, base, filesPass }: Place): Found {
  const [pattern = '', to = '-', options = ''] = words;
  const flags = new Map(
    options
      .replace(/^\[|\]$/g, '')
      .split(',')
      .map((flag) => {
        const [name = '', value = ''] = flag.trim().split('=');
        return [name.toUpperCase(), value] as const;
      }),
  );
  const has = (...names: readonly string[]) => names.some((name) => flags.has(name));
  if (has('C', 'CHAIN', 'S', 'SKIP', 'P', 'PROXY', 'CO', 'COOKIE', 'N', 'NEXT', 'H', 'HANDLER')) return 'not understood';
  if (isCovered(pattern, to, conditions, has('F', 'FORBIDDEN'))) return 'covered';
  const status = flags.get('R') ?? flags.get('REDIRECT');
  const refused = has('F', 'FORBIDDEN') ? 403 : has('G', 'GONE') ? 410 : status === '404' ? 404 : undefined;
  // It only sets a variable for Apache.
  if (to === '-' && refused === undefined && has('E', 'ENV', 'T', 'TYPE') && !has('L', 'LAST', 'END')) return 'covered';
  const understood = conditionsOf(conditions, to === '-' && refused === undefined && has('L', 'LAST', 'END'));
  if (typeof understood === 'string') return understood;
  const { noFile, looks, groups } = understood;
  if (to === '-' && refused === undefined) {
    if (has('E', 'ENV', 'T', 'TYPE') || options === '' || /^\^?index\\?\.php\$?$/.test(pattern)) return 'covered';
    // It skips all later rules, so the address is either a file or missing.
    const kept = addressOf(pattern, at, looks);
    const from = kept === undefined ? undefined : safePattern(kept);
    return from === undefined || !has('L', 'LAST', 'END')
      ? 'not understood'
      : { routes: [{ kind: 'answer', from, status: 404, for: 'no file' }], denials: [] };
  }
  // A rule that sends everything to one address applies to everything below the folder.
  const simple = refused === undefined && !/\$[1-9]/.test(to) && matchesAll.test(pattern) ? '^' : pattern;
  const froms = (refused === undefined ? [simple] : alternativesOf(pattern)).map((part) => addressOf(part, at, looks));
  const isFor = noFile || filesPass || (status !== undefined && /\/\$$/.test(pattern)) ? 'no file' : 'all';
  const ignoringCase = has('NC', 'NOCASE') ? '(?i)' : '';
  const safe = froms.map((from) => from && safePattern(`${ignoringCase}${from}`));
  if (refused === 410 || (refused !== undefined && isFor === 'no file'))
    return safe.every((from) => from !== undefined)
      ? { routes: safe.map((from) => ({ kind: 'answer', from: from ?? '', status: refused, for: isFor })), denials: [] }
      : 'not understood';
  if (refused !== undefined)
    return safe.every((from) => from !== undefined)
      ? { routes: [], denials: safe.map((from) => ({ pattern: from ?? '', of: 'all' })) }
      : 'not understood';
  const ofCondition = /%[1-9]/.test(to) ? conditionAsRule(pattern, groups) : undefined;
  const from = ofCondition === undefined ? safe[0] : safePattern(ofCondition);
  const target = targetOf(ofCondition === undefined ? to : to.replaceAll(/%([1-9])/g, '$$$1'), base);
  if (from === undefined || target === undefined) return 'not understood';
  const query = target.includes('?') && !has('QSA', 'QSAPPEND') ? ({ query: 'replaced' } as const) : {};
  if (status !== undefined || /^https?:/.test(target)) {
    if (safeLocation(target) === undefined || !/^(?:|30[1278]|permanent|temp)$/.test(status ?? '')) return 'not understood';
    const permanent = /^(?:301|308|permanent)$/.test(status ?? '');
    return { routes: [{ kind: 'redirect', from, to: target, for: isFor, permanent, ...query }], denials: [] };
  }
  const newAddress = safeTarget(target);
  if (newAddress === undefined) return 'not understood';
  // Apache processes the new address again. If that matches too, the rule can only be meant for addresses without a file.
  const again = matchesAddress(from, newAddress.replace(/\?.*$/s, '').replaceAll(/\$[1-9]/g, 'x'));
  // Without a script as its target, Nginx would repeat the rewrite.
  if (again && !/\.php(?:[/?]|$)|\.html?$/.test(newAddress)) return 'not understood';
  return { routes: [{ kind: 'rewrite', from, to: newAddress, for: again ? 'no file' : isFor, ...query }], denials: [] };
}

/** Returns a pattern for whole addresses. In a `.htaccess`, a pattern matches what follows the address of its folder. */
function addressOf(pattern: string, at: string, looks: string): string | undefined {
  const tokens = tokensOf(pattern);
  const [first, ...rest] = tokens;
  if (pattern.startsWith('!') || alternativesOf(pattern).length > 1 || rest.includes('^')) return undefined;
  const folder = at.replaceAll('.', '\\.');
  if (first === '^') return `^${looks}${folder}${rest.join('')}`;
  // It may match anywhere, unless it begins with a wildcard, which matches from the start.
  const anywhere = /^\(?\.[*+]?/.test(pattern) || pattern === '' ? '' : '.*';
  return `^${looks}${folder}${anywhere}${pattern}`;
}

/**
 * Returns the pattern of the condition for a rule that matches everything and uses a group of the condition. `(.+)` there includes the
 * address's slash.
 */
function conditionAsRule(pattern: string, groups: string | undefined): string | undefined {
  if (groups === undefined || !matchesAll.test(pattern)) return undefined;
  return groups.startsWith('^') ? groups : /^\(\.[*+]\)/.test(groups) ? `^/${groups}` : undefined;
}

function targetOf(to: string, base: string): string | undefined {
  const plain = to.replace('%{ENV:BASE}/', base).replaceAll(/\\(.)/g, '$1').replace(/^\.\//, '');
  if (/%\{/.test(plain)) return undefined;
  return /^(?:\/|https?:)/.test(plain) ? plain : `${base}${plain}`;
}

/**
 * Returns whether a rule is for what Nginx, PHP and this program do anyway: names and HTTPS, the Authorization header, hidden files,
 * compressed files.
 */
function isCovered(pattern: string, to: string, conditions: readonly Directive[], forbids: boolean): boolean {
  const subjects = conditions.map(({ words }) => words[0] ?? '');
  const isScheme = (subject: string) => /^%\{(?:HTTPS|SERVER_PORT|REQUEST_SCHEME|HTTP:X-Forwarded-Proto|ENV:HTTPS)\}$/i.test(subject);
  if (/^https:\/\/%\{(?:HTTP_HOST|SERVER_NAME)\}/.test(to) && subjects.length > 0 && subjects.every(isScheme)) return true;
  if (subjects.some((subject) => /^%\{(?:ENV:REDIRECT_STATUS|HTTP:Authorization|HTTP:X-XSRF-Token)\}$/i.test(subject))) return true;
  if (subjects.some((subject) => /^%\{HTTP:Accept-encoding\}$/i.test(subject))) return true;
  if (/REQUEST_URI\}::\$1/.test(subjects[0] ?? '') || to === '%{REQUEST_URI}') return true;
  return forbids && /\(\^\|\/\)\\\.|\/\\\.\|\^\\\.|\^\\\.\|\/\\\./.test(pattern);
}
