import { escaped, safeLocation, safePattern, safeTarget } from '../routing/pattern.ts';
import type { Header, Route } from '../routing/routing.ts';
import { type Access, accessOf } from './access.ts';
import { coveredDirectives, coveredHeaders, knownVariables, pastSettings, phpSettings, reservedVariables } from './known.ts';
import type { Directive } from './parse.ts';

/** The meaning of one directive, apart from access and rewriting. */
export type Meaning =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'error page'; readonly status: string; readonly page: string }
  | { readonly kind: 'index'; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly value: string }
  | { readonly kind: 'setting'; readonly name: string; readonly value: string }
  /** Access to the files whose name matches. */
  | { readonly kind: 'names'; readonly pattern: string; readonly access: Access }
  /** PHP is not executed in the folder. */
  | { readonly kind: 'runs nothing' };

/** Returns the meanings of a directive at an address: none if nothing has to be done for it, undefined if Nginx has no counterpart. */
export function meaningsOf(directive: Directive, at: string): readonly Meaning[] | undefined {
  const { name, words } = directive;
  switch (name) {
    case 'redirect':
    case 'redirectpermanent':
    case 'redirecttemp':
    case 'redirectmatch':
      return redirectOf(name, words);
    case 'header':
      return headerOf(words);
    case 'errordocument':
      return errorPageOf(words, at);
    case 'directoryindex':
      return words.every((word) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(word)) ? [{ kind: 'index', names: words }] : undefined;
    case 'php_value':
    case 'php_flag':
    case 'php_admin_value':
    case 'php_admin_flag':
      return settingOf(words, at);
    case '<files':
    case '<filesmatch':
      return namesOf(directive, at);
    case 'options':
      return words.some((word) => /^\+?(?:Indexes|ExecCGI|Includes|All)$/i.test(word)) && !words.some((word) => /^-Indexes$/i.test(word))
        ? undefined
        : [];
    case 'sethandler':
    case 'forcetype':
      return [{ kind: 'runs nothing' }];
    case 'removehandler':
      return words.some((word) => /^\.?ph/i.test(word)) ? [{ kind: 'runs nothing' }] : [];
    case 'addtype':
      return /^(?:text|application)\/(?:plain|octet-stream)$/.test(words[0] ?? '') && words.some((word) => /^\.?ph/i.test(word))
        ? [{ kind: 'runs nothing' }]
        : [];
    case 'setenv':
      return variableOf(words, at);
    case '<limit':
    case '<requireall':
    case '<requireany':
      return accessOf([directive]) === undefined ? undefined : [];
    default:
      return coveredDirectives.has(name) ? [] : undefined;
  }
}

const statuses: Readonly<Record<string, string>> = { permanent: '301', temp: '302', seeother: '303', gone: '410' };

function redirectOf(name: string, words: readonly string[]): readonly Meaning[] | undefined {
  const [first = ''] = words;
  const stated = /^(?:\d{3}|permanent|temp|seeother|gone)$/.test(first);
  const status = stated ? (statuses[first] ?? first) : name === 'redirectpermanent' ? '301' : '302';
  const [from = '', to = ''] = stated ? words.slice(1) : words;
  const prefix = name !== 'redirectmatch';
  const rest = prefix && !from.endsWith('/') ? '(/.*)?$' : '(.*)$';
  const anchored = from.startsWith('^') ? from : `${/^\(?\./.test(from) ? '^' : '^.*'}${from}`;
  const pattern = safePattern(prefix ? `^${escaped(from)}${rest}` : anchored);
  if (pattern === undefined || !(prefix ? from.startsWith('/') : true)) return undefined;
  if (status === '410' || status === '404' || status === '403')
    return [
      {
        kind: 'route',
        route: { kind: 'answer', from: pattern, status: status === '410' ? 410 : status === '404' ? 404 : 403, for: 'all' },
      },
    ];
  if (!/^30[12378]$/.test(status)) return undefined;
  const target = `${to}${prefix ? '$1' : ''}`;
  const location = safeLocation(target.includes('?') && prefix ? to : target) ?? (prefix ? safeLocation(`${to}/`) && target : undefined);
  if (location === undefined) return undefined;
  return [
    {
      kind: 'route',
      route: {
        kind: 'redirect',
        from: pattern,
        to: location,
        for: 'all',
        permanent: status === '301' || status === '308',
        ...(to.includes('?') && { query: 'replaced' as const }),
      },
    },
  ];
}

function headerOf(words: readonly string[], pattern?: string): readonly Meaning[] | undefined {
  const [what = '', name = '', value = '', ...conditions] = /^(?:always|onsuccess)$/i.test(words[0] ?? '') ? words.slice(1) : words;
  if (coveredHeaders.test(name)) return [];
  const sets = /^(?:set|add|append|merge|setifempty)$/i.test(what);
  if (conditions.length > 0 || !/^[A-Za-z0-9-]+$/.test(name) || /^strict-transport-security$|^set-cookie$/i.test(name)) return undefined;
  if (/^unset$/i.test(what)) return pattern === undefined ? [{ kind: 'header', header: { name, value: '' } }] : undefined;
  if (!sets || value === '' || !/^[^"$\\%\p{Cc}]*$/u.test(value)) return undefined;
  return [{ kind: 'header', header: { name, value, ...(pattern !== undefined && { pattern }) } }];
}

function errorPageOf([status = '', page = '']: readonly string[], at: string): readonly Meaning[] | undefined {
  if (page === 'default') return [];
  if (at !== '/' || !/^(?:40[0134]|410|50[0234])$/.test(status)) return undefined;
  const address = safeTarget(page);
  return address === undefined ? undefined : [{ kind: 'error page', status, page: address }];
}

function settingOf([name = '', value = '']: readonly string[], at: string): readonly Meaning[] | undefined {
  if (/^engine$/i.test(name)) return /^(?:off|0)$/i.test(value) ? [{ kind: 'runs nothing' }] : [];
  if (pastSettings.test(name)) return [];
  if (at !== '/' || !phpSettings.test(name) || !/^[A-Za-z0-9 ._,:/&~^|+-]+$/.test(value)) return undefined;
  return [{ kind: 'setting', name, value }];
}

/** Returns a variable of the environment, which is the same for the whole application. */
function variableOf([name = '', value = '']: readonly string[], at: string): readonly Meaning[] | undefined {
  if (knownVariables.test(name)) return [];
  if (at !== '/' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || reservedVariables.test(name) || !/^[^"$\\\p{Cc}]*$/u.test(value))
    return undefined;
  return [{ kind: 'variable', name, value }];
}

/** Returns the meanings of `<Files>`, which has a name with `*` and `?` or a regular expression after `~`, and of `<FilesMatch>`. */
function namesOf({ name, words, inside }: Directive, at: string): readonly Meaning[] | undefined {
  const [first = '', second = ''] = words;
  const isPattern = name === '<filesmatch' || first === '~';
  const text = first === '~' ? second : first;
  const pattern = isPattern ? text : `^${escaped(text).replaceAll('*', '.*').replaceAll('\\?', '.')}$`;
  const access = accessOf(inside);
  const found = inside.map((directive) =>
    directive.name === 'header' ? headerOf(directive.words, safePattern(pattern.replace(/^\^/, '/'))) : meaningsOf(directive, at),
  );
  if (found.some((meanings) => meanings === undefined) || safePattern(pattern) === undefined) return undefined;
  const runsNothing = found.flat().some((meaning) => meaning?.kind === 'runs nothing');
  const headers = found.flat().flatMap((meaning) => (meaning?.kind === 'header' ? [meaning] : []));
  return [
    ...headers,
    ...(access === undefined ? [] : [{ kind: 'names' as const, pattern, access }]),
    ...(runsNothing && access === undefined ? [{ kind: 'names' as const, pattern, access: 'denied' as const }] : []),
  ];
}
