import { identifierOf, type Route, type Routing, type Site } from '../../src/index.ts';
import { fallbackOf } from '../runtimes/fallback.ts';
import { noFile } from '../runtimes/instance.ts';

/** The maximum length of a pattern: nginx rejects words of more than 4096 bytes. */
export const longest = 2000;

/**
 * Returns `location` blocks for what is never served. An address that matches but is not a file is answered as a folder if `isServed`, and
 * otherwise by `fallback`.
 */
export function denials({ denials }: Routing, fallback: string, isServed: boolean): string {
  const of = (which: 'all' | 'files') => grouped(denials.filter((denial) => denial.of === which).map(({ pattern }) => pattern));
  const [all, files] = [of('all'), of('files')];
  return [
    ...(all.length > 0 ? ['# The application keeps these for itself.'] : []),
    ...all.map((pattern) => `location ~ "${pattern}" { return 404; }`),
    ...(files.length > 0 ? ['# Files that it keeps for itself. If there is no such file, it may answer the path.'] : []),
    ...files.map(
      (pattern) =>
        `location ~ "${pattern}" {\n    if (-f $request_filename) { return 404; }\n    try_files ${isServed ? '$uri/' : noFile} ${fallback};\n}`,
    ),
  ].join('\n');
}

/** Joins patterns up to the maximum length of a word in nginx. */
function grouped(patterns: readonly string[]): readonly string[] {
  const groups: string[] = [];
  for (const pattern of patterns) {
    const last = groups.at(-1);
    const joined = last === undefined || last.startsWith('(?i)') || pattern.startsWith('(?i)') ? undefined : `${last}|${pattern}`;
    if (joined === undefined || joined.length > longest) groups.push(pattern);
    else groups[groups.length - 1] = joined;
  }
  return groups;
}

/** Returns `location` blocks for addresses that are rewritten or redirected whether or not they are files. */
export function routes({ domain, web: { routing } }: Site): string {
  const { routes, installer } = routing;
  const blocks = routes.filter(({ for: which }) => which === 'all').map((route) => `location ~ "${route.from}" { ${directiveOf(route)} }`);
  return [
    ...(installer ? [toInstaller(identifierOf(domain), installer)] : []),
    ...(blocks.length === 0 ? [] : ['# Addresses that lead elsewhere.', ...blocks]),
  ].join('\n');
}

/** Leads visitors of the front page, and of the installer's folder, to the installer's first page as long as there is an installer. */
function toInstaller(id: string, { folder, page }: NonNullable<Routing['installer']>): string {
  const [script = ''] = page.split('?');
  const prefix = `/${folder}/`;
  const name = script.startsWith(prefix) ? `(?:${script.slice(prefix.length).replaceAll('.', '\\.')})?` : '';
  return [
    '# As long as the installer exists, visitors are led to it.',
    `set $${id}_installer "";`,
    `if (-f $document_root${script}) { set $${id}_installer $request_uri; }`,
    `if ($${id}_installer ~ "^/(?:${folder}/${name})?$") { return 302 ${page}; }`,
  ].join('\n');
}

/** Returns the block for addresses that are not files, or an empty text if `fallbackOf` needs none. */
export function front(routing: Routing, otherwise: string): string {
  if (fallbackOf(routing, otherwise) !== '@front') return '';
  const lines = routing.routes.filter(({ for: which }) => which === 'no file').map(directiveOf);
  return [
    '# Where addresses lead that are no files.',
    'location @front {',
    ...[...lines, `try_files ${noFile} ${otherwise};`].map((line) => `    ${line}`),
    '}',
  ].join('\n');
}

function directiveOf(route: Route): string {
  switch (route.kind) {
    case 'answer':
      return route.for === 'all' ? `return ${route.status};` : `if ($uri ~ "${route.from}") { return ${route.status}; }`;
    case 'rewrite':
      return `rewrite "${route.from}" "${targetOf(route)}" last;`;
    case 'redirect':
      return `rewrite "${route.from}" "${targetOf(route)}" ${route.permanent ? 'permanent' : 'redirect'};`;
  }
}

/** Returns the target of a rewrite. Nginx adds the visitor's query unless the target ends in a question mark. */
function targetOf({ to, query }: Exclude<Route, { readonly kind: 'answer' }>): string {
  return query === undefined ? to : `${to}?`;
}

export function errorPages({ errorPages }: Routing): string {
  return Object.entries(errorPages)
    .map(([status, page]) => `error_page ${status} ${page};`)
    .join('\n');
}

/** Headers that every site has, by the variable that holds each; see snippets/foobar-headers.conf. */
const usual: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': '$foobar_nosniff',
  'X-Frame-Options': '$foobar_frame',
  'Referrer-Policy': '$foobar_referrer',
  'Permissions-Policy': '$foobar_permissions',
};

const policyHeader = 'content-security-policy';

/** Returns the site's headers: the part before the servers, and the part inside them. */
export function headersOf({ domain, web: { policy, routing } }: Site): { readonly before: string; readonly inside: string } {
  const id = identifierOf(domain);
  const stated = routing.headers
    .filter(({ value }) => value !== '')
    .map((header, index) => ({ ...header, variable: `$${id}_header_${index + 1}` }));
  const replaced = new Set(routing.headers.filter(({ pattern }) => pattern === undefined).map(({ name }) => name.toLowerCase()));
  const kept = Object.entries(usual).filter(([name]) => !replaced.has(name.toLowerCase()));
  const maps = stated.map(({ name, value, pattern, variable }) =>
    pattern === undefined
      ? `map $upstream_http_${name.toLowerCase().replaceAll('-', '_')} ${variable} { "" "${value}"; }`
      : `map $uri ${variable} { "~${pattern}" "${value}"; }`,
  );
  return {
    before:
      maps.length === 0
        ? ''
        : `${['# Headers of the site: of responses that have none of the name, or of some addresses.', ...maps].join('\n')}\n\n`,
    inside: [
      ...(kept.length === Object.keys(usual).length
        ? ['include snippets/foobar-headers.conf;']
        : kept.map(([name, variable]) => `add_header ${name} ${variable} always;`)),
      ...(policy && !replaced.has(policyHeader) ? [`add_header Content-Security-Policy $${id}_policy always;`] : []),
      ...stated.map(({ name, variable }) => `add_header ${name} ${variable} always;`),
    ].join('\n'),
  };
}
