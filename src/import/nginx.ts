import type { Remark } from './remark.ts';
import { addRoute, deniedByPattern, newVhost, type Vhost, type WebRules } from './web-rules.ts';

/** One directive of Nginx's configuration. */
export interface Directive {
  readonly name: string;
  readonly words: readonly string[];
  /** `/etc/nginx/nginx.conf:12` */
  readonly at: string;
  readonly block?: readonly Directive[];
}

/** The text of a file by its path. */
export type Texts = ReadonlyMap<string, string>;

/** Returns the directives of a file, without following its includes. Stops at a `}` that closes no block. */
export function parseNginx(text: string, path: string): readonly Directive[] {
  const tokens = [
    ...text.matchAll(/#[^\n]*|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[{};]|\n|(?:\\[\s\S]|\$\{[^}]*\}|[^\s{};"'\\])+/g),
  ].map(([token]) => token);
  let line = 1;
  let at = 0;
  const block = (): Directive[] => {
    const found: Directive[] = [];
    let words: string[] = [];
    let start = line;
    for (; at < tokens.length; at += 1) {
      const token = tokens[at] ?? '';
      if (token.startsWith('#')) continue;
      if (token === '}') break;
      if (token === ';' || token === '{') {
        const [name = '', ...rest] = words;
        const place = `${path}:${start}`;
        if (token === '{') {
          at += 1;
          found.push({ name, words: rest, at: place, block: block() });
        } else if (name !== '') found.push({ name, words: rest, at: place });
        words = [];
        continue;
      }
      if (token === '\n') {
        line += 1;
        continue;
      }
      if (words.length === 0) start = line;
      words.push(/^["']/.test(token) ? token.slice(1, -1).replaceAll(/\\(["'\\])/g, '$1') : token);
      line += token.split('\n').length - 1;
    }
    return found;
  };
  return block();
}

/** Returns the `include` patterns in these files that are not among `seen`. */
export function missingIncludes(texts: Texts, seen: ReadonlySet<string>): readonly string[] {
  const patterns = [...texts].flatMap(([path, text]) =>
    path.includes('nginx') ? includesIn(parseNginx(text, path)).map((pattern) => absolute(pattern)) : [],
  );
  return [...new Set(patterns)].filter((pattern) => !seen.has(pattern));
}

function includesIn(directives: readonly Directive[]): readonly string[] {
  return directives.flatMap(({ name, words, block }) => [...(name === 'include' ? words.slice(0, 1) : []), ...includesIn(block ?? [])]);
}

function absolute(pattern: string): string {
  return pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
}

/** Returns a glob of Nginx or Apache as a regular expression for paths. */
export function globPattern(glob: string): RegExp {
  const text = glob
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${text}$`);
}

function expanded(directives: readonly Directive[], texts: Texts, depth = 0): readonly Directive[] {
  return directives.flatMap((directive): readonly Directive[] => {
    const { name, words, block } = directive;
    if (name === 'include' && depth < 8) {
      const pattern = globPattern(absolute(words[0] ?? ''));
      return [...texts]
        .filter(([path]) => pattern.test(path))
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .flatMap(([path, text]) => expanded(parseNginx(text, path), texts, depth + 1));
    }
    return [block ? { ...directive, block: expanded(block, texts, depth) } : directive];
  });
}

/** Returns the sites of Nginx's configuration. */
export function nginxVhosts(texts: Texts): readonly Vhost[] {
  const roots = [
    '/etc/nginx/nginx.conf',
    '/usr/local/nginx/conf/nginx.conf',
    '/usr/local/etc/nginx/nginx.conf',
    '/opt/nginx/conf/nginx.conf',
  ];
  return roots.flatMap((path) => {
    const text = texts.get(path);
    if (text === undefined) return [];
    const http = expanded(parseNginx(text, path), texts).flatMap(({ name, block = [] }) => (name === 'http' ? block : []));
    const upstreams = new Map(
      http.flatMap(({ name, words, block = [] }): [string, string][] => {
        const server = block.find((each) => each.name === 'server')?.words[0];
        return name === 'upstream' && server ? [[words[0] ?? '', server]] : [];
      }),
    );
    return http.filter(({ name }) => name === 'server').map((server) => vhostOf(server, http, upstreams));
  });
}

type Upstreams = ReadonlyMap<string, string>;

function vhostOf({ block = [], at }: Directive, http: readonly Directive[], upstreams: Upstreams): Vhost {
  const wordsOf = (name: string, of: readonly Directive[] = block) => of.filter((each) => each.name === name).flatMap(({ words }) => words);
  const names = wordsOf('server_name').map((name) => name.toLowerCase());
  const isTls = block.some(({ name, words }) => name === 'listen' && words.some((word) => word === 'ssl' || /(^|:)443$/.test(word)));
  const vhost = newVhost({ server: 'nginx', at, names, isTls });
  const root = wordsOf('root')[0] ?? wordsOf('root', http)[0];
  if (root) vhost.docroot = root.replace(/(.)\/+$/, '$1');
  // A block that adds a header itself inherits none.
  const headers = block.some(({ name }) => name === 'add_header') ? block : http;
  for (const each of headers) if (each.name === 'add_header') readHeader(each, vhost);
  if (block.some(({ name, words }) => name === 'return' && /^(?:30[1278]$|https?:)/.test(words[0] ?? '')) && !block.some(isPhp))
    vhost.redirects = true;
  else for (const each of block) readDirective(each, vhost, upstreams);
  return vhost;
}

function isPhp({ name, block = [] }: Directive): boolean {
  return name === 'fastcgi_pass' || block.some(isPhp);
}

/** Directives that need no translation, because our server does the same, or because they concern the machine and not the site. */
const known = new Set(
  `access_log add_header brotli charset client_body_buffer_size client_body_timeout client_header_buffer_size client_max_body_size default_type
  disable_symlinks error_log etag expires gzip gzip_comp_level gzip_min_length gzip_proxied gzip_static gzip_types gzip_vary http2 http3 if_modified_since index
  keepalive_timeout large_client_header_buffers listen log_not_found merge_slashes port_in_redirect resolver root sendfile server_name server_name_in_redirect
  server_tokens tcp_nodelay tcp_nopush`.split(/\s+/),
);
const knownPrefix =
  /^(?:ssl_|fastcgi_|open_file_cache|proxy_(?:set_header|http_version|read_timeout|connect_timeout|send_timeout|buffer|cache_bypass))/;

function readDirective(directive: Directive, vhost: Vhost, upstreams: Upstreams): void {
  const { name, words, block = [] } = directive;
  switch (name) {
    case 'location':
      readLocation(directive, vhost, upstreams);
      return;
    case 'if':
      // Our server redirects to the canonical name and to HTTPS without a rule.
      if (/\$(?:host|http_host|scheme|https|server_port|http_x_forwarded_proto)\b/.test(words.join(' ')) && block.every(isRedirect)) return;
      break;
    case 'rewrite': {
      const [from = '', to = '', flag = 'last'] = words;
      if (/^(?:https?:\/\/)\S*\$(?:request_uri|1)$/.test(to) && /^\^?[/(.*)]*\$?$/.test(from)) return;
      if (addRoute(vhost, from, to, flag === 'permanent' ? 'permanent' : flag === 'redirect' ? 'temporary' : 'internal')) return;
      break;
    }
    case 'try_files':
      readTryFiles(directive, vhost, '/');
      return;
    case 'fastcgi_param':
      readParameter(words, vhost);
      return;
    default:
      if (known.has(name) || knownPrefix.test(name)) return;
  }
  vhost.remarks.push(notTranslated(directive));
}

function isRedirect({ name, words }: Directive): boolean {
  return name === 'return' ? /^30\d$/.test(words[0] ?? '') : name === 'rewrite' && ['permanent', 'redirect'].includes(words[2] ?? '');
}

function readLocation(location: Directive, vhost: Vhost, upstreams: Upstreams): void {
  const { words, block = [] } = location;
  const [modifier, path] = words.length > 1 ? [words[0] ?? '', words[1] ?? ''] : ['', words[0] ?? ''];
  const isPattern = modifier.startsWith('~');
  const pass = block.find(({ name }) => name === 'fastcgi_pass')?.words[0];
  if (pass) {
    vhost.php ??= { kind: 'fpm', address: resolved(pass, upstreams) };
    for (const { name, words: parameter } of block) if (name === 'fastcgi_param') readParameter(parameter, vhost);
    for (const each of block) if (each.name === 'location' || !isKnown(each)) readRest(each, vhost, upstreams);
    return;
  }
  for (const each of block) {
    const { name, words: values } = each;
    const [first = '', second = ''] = values;
    if (name === 'location') readLocation(each, vhost, upstreams);
    else if (name === 'try_files' && !isPattern) readTryFiles(each, vhost, path);
    else if ((name === 'deny' && first === 'all') || (name === 'return' && /^4(?:03|04|10)$/.test(first))) {
      const denied = isPattern ? deniedByPattern(path) : [modifier === '=' ? path : `${path.replace(/\/$/, '')}/`];
      // If some clients are allowed, the rule does not deny everybody.
      const isForSome = block.some(({ name: other }) => other === 'allow');
      if (denied && !isForSome && path !== '/') vhost.deny.push(...denied);
      else vhost.remarks.push(notTranslated(location));
    } else if (name === 'return' && /^30[1278]$/.test(first) && !isPattern && !second.includes('$') && path !== '/')
      vhost.routes[modifier === '=' ? path : `${path}*`] = { redirect: second, ...(/^30[18]$/.test(first) && { permanent: true }) };
    else if (name === 'rewrite') readDirective(each, vhost, upstreams);
    else if (name === 'proxy_pass') readProxy(each, path, isPattern, vhost, upstreams);
    else if (name === 'add_header' && path === '/') readHeader(each, vhost);
    else readRest(each, vhost, upstreams);
  }
}

function readRest(directive: Directive, vhost: Vhost, upstreams: Upstreams): void {
  if (directive.name === 'location') readLocation(directive, vhost, upstreams);
  else if (!isKnown(directive) || directive.name === 'if') readDirective(directive, vhost, upstreams);
}

function isKnown({ name }: Directive): boolean {
  return known.has(name) || knownPrefix.test(name) || name === 'try_files' || name === 'allow';
}

function readProxy(directive: Directive, path: string, isPattern: boolean, vhost: Vhost, upstreams: Upstreams): void {
  const [, to = '', uri = ''] = /^https?:\/\/([^/]+)(\/.*)?$/.exec(directive.words[0] ?? '') ?? [];
  const [, port] = /^(?:127\.0\.0\.1|localhost|\[::1\]):(\d+)$/.exec(resolved(to, upstreams)) ?? [];
  // The program must get requests for the same path.
  if (port && !isPattern && path !== '/' && (uri === '' || uri === path)) vhost.proxy[path.replace(/\/$/, '')] = Number(port);
  else vhost.remarks.push(notTranslated(directive));
}

function readTryFiles({ words, at, name }: Directive, vhost: Vhost, path: string): void {
  const fallback = words.at(-1) ?? '';
  const [, to = '', query = ''] = /^(\/[^?$]*)(\?.*)?$/.exec(fallback) ?? [];
  // Our server finds the nearest `index.php` by itself, and a page or a script of another name is a route.
  if (fallback.startsWith('=') || to.endsWith('/index.php')) return;
  if (to !== '' && (query === '' || /^\?\$?(?:query_string|args|is_args)/.test(query)))
    vhost.routes[path.endsWith('/') ? `${path}*` : path] = to;
  else vhost.remarks.push(notTranslated({ words, at, name }));
}

function readHeader({ words, at, name }: Directive, vhost: Vhost): void {
  const [header = '', value = ''] = words;
  // Our server sets the headers of HTTPS and of caching itself.
  if (/^(?:strict-transport-security|cache-control|expires|pragma|alt-svc)$/i.test(header)) return;
  if (/["$\\]/.test(value)) vhost.remarks.push(notTranslated({ words, at, name }));
  else vhost.headers[header] = value;
}

function readParameter([name = '', value = '']: readonly string[], { settings, environment }: WebRules): void {
  if (name === 'PHP_VALUE' || name === 'PHP_ADMIN_VALUE') {
    for (const line of value.split(/\n|\\n/)) {
      const [, setting, text = ''] = /^\s*([\w.]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (setting) settings[setting] = text.replace(/^"(.*)"$/, '$1');
    }
  } else if (!value.includes('$') && !standardParameters.has(name)) environment.push(name);
}

const standardParameters = new Set([
  'HTTPS',
  'SCRIPT_FILENAME',
  'PATH_INFO',
  'HTTP_PROXY',
  'GATEWAY_INTERFACE',
  'SERVER_SOFTWARE',
  'REDIRECT_STATUS',
  'modHeadersAvailable',
  'front_controller_active',
]);

function resolved(address: string, upstreams: Upstreams): string {
  return upstreams.get(address) ?? address;
}

function notTranslated({ name, words, at, block }: Directive): Remark {
  const text = [name, ...words].join(' ').replaceAll(/\s+/g, ' ');
  return { at, text: `${text.length > 100 ? `${text.slice(0, 99)}…` : text}${block ? ' { … }' : ''}` };
}
