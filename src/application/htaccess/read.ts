import type { Files } from '../../runtimes/detected.ts';
import { escaped, safePattern } from '../routing/pattern.ts';
import type { Denial, Header, Route, Routing } from '../routing/routing.ts';
import { denialsOf } from './denials.ts';
import { parse } from './parse.ts';
import { type Translation, translate } from './translate.ts';

/** What the `.htaccess` files of a served folder ask for. */
export interface Htaccess extends Pick<Routing, 'routes' | 'denials' | 'headers' | 'errorPages' | 'index'> {
  /** PHP settings, by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Variables of the environment, by name. */
  readonly environment: Readonly<Record<string, string>>;
  /** A sentence for each file with lines that have no counterpart in Nginx. */
  readonly remarks: readonly string[];
}

/** Reads every `.htaccess` of the served folder and translates it for Nginx. */
export function readHtaccess(files: Files, docroot: string): Htaccess {
  const prefix = docroot === '.' ? '' : `${docroot}/`;
  const found = files.paths
    .filter((path) => path.startsWith(prefix) && /(?:^|\/)\.htaccess$/.test(path))
    .map((path) => {
      const at = `/${path.slice(prefix.length).replace(/\.htaccess$/, '')}`;
      return { path, translation: translate(parse(files.text(path)), at) };
    })
    .filter(({ translation: { at } }) => safePattern(`^${escaped(at)}`) !== undefined)
    // Deeper files come first, because they take precedence in Apache.
    .sort((one, other) => other.translation.at.length - one.translation.at.length);
  const translations = found.map(({ translation }) => translation);
  const root = translations.find(({ at }) => at === '/');
  const meanings = translations.flatMap((translation) => translation.meanings.map((meaning) => ({ meaning, at: translation.at })));
  return {
    routes: [
      ...meanings.flatMap(({ meaning }) => (meaning.kind === 'route' ? [meaning.route] : [])),
      ...translations.flatMap((translation) => indexRoutes(translation, files, prefix)),
      ...translations.flatMap(({ rewriting: { routes } }) => routes),
    ],
    denials: unique(denialsOf(translations)),
    headers: lastOfEach(
      meanings.flatMap(({ meaning, at }) =>
        meaning.kind === 'header' ? [{ ...(at !== '/' && { pattern: `^${escaped(at)}` }), ...meaning.header }] : [],
      ),
    ),
    errorPages: Object.fromEntries(
      meanings.flatMap(({ meaning }) => (meaning.kind === 'error page' ? [[meaning.status, meaning.page]] : [])),
    ),
    index: root?.meanings.findLast((meaning) => meaning.kind === 'index')?.names ?? [],
    settings: Object.fromEntries(meanings.flatMap(({ meaning }) => (meaning.kind === 'setting' ? [[meaning.name, meaning.value]] : []))),
    environment: Object.fromEntries(
      meanings.flatMap(({ meaning }) => (meaning.kind === 'variable' ? [[meaning.name, meaning.value]] : [])),
    ),
    remarks: found.flatMap(({ path, translation }) => remarkOf(path, translation)),
  };
}

/** Returns a rewrite from a subfolder's address to the index page that its `.htaccess` names, unless the page has a usual name. */
function indexRoutes({ at, meanings }: Translation, files: Files, prefix: string): readonly Route[] {
  const names = meanings.findLast((meaning) => meaning.kind === 'index')?.names ?? [];
  const first = names.find((name) => files.has(`${prefix}${at.slice(1)}${name}`));
  if (at === '/' || first === undefined || /^index\.(?:php|html?)$/.test(first)) return [];
  return [{ kind: 'rewrite', from: `^${escaped(at)}$`, to: `${at}${first}`, for: 'all' }];
}

function unique(denials: readonly Denial[]): readonly Denial[] {
  return denials.filter(({ pattern, of }, index) => denials.findIndex((other) => other.pattern === pattern && other.of === of) === index);
}

/** Returns the last header of each name, because in Apache the last directive wins. */
function lastOfEach(headers: readonly Header[]): readonly Header[] {
  const keyOf = ({ name, pattern }: Header) => `${name.toLowerCase()} ${pattern ?? ''}`;
  return headers.filter((header, index) => headers.findLastIndex((other) => keyOf(other) === keyOf(header)) === index);
}

/** The number of lines that a remark quotes. */
const mostQuoted = 4;

function remarkOf(path: string, { unread, access, at }: Translation): readonly string[] {
  const lines = unread.filter(({ line }, index) => unread.findIndex((other) => other.line === line) === index);
  const quoted = lines.slice(0, mostQuoted).map(({ line, text }) => `line ${line}, ${text.length > 80 ? `${text.slice(0, 77)}...` : text}`);
  const left = lines.length - quoted.length;
  const more = left > 0 ? `; and ${left} more ${left === 1 ? 'line' : 'lines'}` : '';
  const closed = access === 'some' ? ` ${at} is closed to everybody, because Nginx cannot apply its access rules.` : '';
  return lines.length === 0 ? [] : [`${path} has lines that are not translated for Nginx: ${quoted.join('; ')}${more}.${closed}`];
}
