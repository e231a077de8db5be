import { globPattern, type Texts } from './nginx.ts';
import type { Remark } from './remark.ts';
import { addRoute, deniedByPattern, newVhost, type Vhost } from './web-rules.ts';

/** One line of Apache's configuration, with the sections that it is in. */
interface Line {
  readonly name: string;
  readonly words: readonly string[];
  readonly at: string;
  /** The sections around it, from the outside: `directory /var/www/shop`. `<IfModule>` and the like are left out. */
  readonly sections: readonly { readonly name: string; readonly words: readonly string[]; readonly at: string }[];
}

/** Returns the sites of Apache's configuration. */
export function apacheVhosts(texts: Texts): readonly Vhost[] {
  const roots = [
    '/etc/apache2/apache2.conf',
    '/etc/httpd/conf/httpd.conf',
    '/usr/local/apache2/conf/httpd.conf',
    '/etc/apache2/httpd.conf',
  ];
  return roots.flatMap((path) => {
    const text = texts.get(path);
    return text === undefined ? [] : sitesIn(linesOf(text, path, texts));
  });
}

/** Returns the `Include` patterns in these files that are not among `seen`. */
export function missingApacheIncludes(texts: Texts, seen: ReadonlySet<string>): readonly string[] {
  const patterns = [...texts].flatMap(([path, text]) =>
    /apache2|httpd/.test(path)
      ? [...text.matchAll(/^\s*Include(?:Optional)?\s+"?([^\s"]+)/gim)].map(([, pattern = '']) => absolute(pattern, path))
      : [],
  );
  return [...new Set(patterns)].filter((pattern) => !seen.has(pattern));
}

function absolute(pattern: string, path: string): string {
  const root = path.startsWith('/etc/httpd/') ? '/etc/httpd' : '/etc/apache2';
  const whole = pattern.startsWith('/') ? pattern : `${root}/${pattern}`;
  // A folder stands for all of its files.
  return whole.endsWith('/') ? `${whole}*` : whole;
}

const transparent = /^(?:ifmodule|ifdefine|ifversion|iffile|ifdirective)$/;

function linesOf(text: string, path: string, texts: Texts, around: Line['sections'] = [], depth = 0): readonly Line[] {
  const found: Line[] = [];
  let sections: Line['sections'] = around;
  let number = 0;
  for (const raw of text.replaceAll(/\\\r?\n/g, ' \u0000').split('\n')) {
    number += 1;
    const at = `${path}:${number}`;
    number += raw.split('\u0000').length - 1;
    const line = raw.replaceAll('\u0000', '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, closing] = /^<\/(\w+)>/.exec(line) ?? [];
    const [, opening, rest = ''] = /^<(\w+)\s*(.*?)>$/.exec(line) ?? [];
    if (closing) {
      if (!transparent.test(closing.toLowerCase())) sections = sections.slice(0, -1);
    } else if (opening) {
      if (!transparent.test(opening.toLowerCase())) sections = [...sections, { name: opening.toLowerCase(), words: wordsOf(rest), at }];
    } else {
      const [name = '', ...words] = wordsOf(line);
      if (/^include(?:optional)?$/i.test(name) && depth < 8) {
        const pattern = globPattern(absolute(words[0] ?? '', path));
        const files = [...texts].filter(([each]) => pattern.test(each)).sort(([one], [other]) => (one < other ? -1 : 1));
        for (const [each, content] of files) found.push(...linesOf(content, each, texts, sections, depth + 1));
      } else found.push({ name: name.toLowerCase(), words, at, sections });
    }
  }
  return found;
}

function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"((?:\\.|[^"\\])*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare = '']) =>
    double !== undefined ? double.replaceAll('\\"', '"') : (single ?? bare),
  );
}

/** Returns a site for each `<VirtualHost>`, and one for the main server if it has a name. */
function sitesIn(all: readonly Line[]): readonly Vhost[] {
  const groups = new Map<string, Line[]>();
  for (const line of all) {
    const host = line.sections.find(({ name }) => name === 'virtualhost');
    const key = host?.at ?? '';
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const global = groups.get('') ?? [];
  const hasModule = all.some(({ name, words }) => name === 'loadmodule' && /^php\d*_module$/.test(words[0] ?? ''));
  return [...groups].flatMap(([at, lines]) => {
    const names = lines.flatMap(({ name, words }) => (name === 'servername' ? words.slice(0, 1) : name === 'serveralias' ? words : []));
    if (at === '' && names.length === 0) return [];
    const host = lines[0]?.sections.find(({ name }) => name === 'virtualhost');
    const isTls =
      lines.some(({ name, words }) => name === 'sslengine' && /^on$/i.test(words[0] ?? '')) ||
      host?.words.some((word) => word.endsWith(':443')) === true;
    const plain = names.map((name) =>
      name
        .toLowerCase()
        .replace(/^https?:\/\//, '')
        .replace(/:\d+$/, ''),
    );
    const vhost = newVhost({ server: 'apache', at, names: plain, isTls });
    const root = lines.find(({ name }) => name === 'documentroot')?.words[0];
    if (root) vhost.docroot = root.replace(/(.)\/+$/, '$1');
    if (hasModule) vhost.php = { kind: 'module' };
    // A handler may be set for all sites, often in conf.d/php.conf.
    for (const line of global) if (line.name === 'sethandler') readHandler(line, vhost);
    let conditions: readonly Line[] = [];
    for (const line of lines) {
      readLine(line, vhost, conditions);
      conditions = line.name === 'rewritecond' ? [...conditions, line] : [];
    }
    const only = lines.filter(({ name }) => !quiet.test(name) && !known.has(name) && name !== 'rewriteengine' && name !== 'rewritecond');
    if (!root || (only.length > 0 && only.every((line) => isRedirectOfAll(line)))) vhost.redirects = true;
    return [vhost];
  });
}

const quiet = /^(?:servername|serveralias|serveradmin|documentroot|errorlog|customlog|loglevel|ssl\w*)$/;

/** Returns whether a condition asks for the scheme or the name of a request, or leaves out the files of a certificate authority. */
function isAboutAddress({ words }: Line): boolean {
  return (
    /^%\{(?:HTTPS|HTTP_HOST|SERVER_NAME|SERVER_PORT|REQUEST_SCHEME|HTTP:X-Forwarded-Proto)\}/i.test(words[0] ?? '') ||
    /well-known/.test(words[1] ?? '')
  );
}

function isRedirectOfAll({ name, words }: Line): boolean {
  if (/^redirect(?:permanent|temp)?$/.test(name)) return words.at(-2) === '/';
  return name === 'rewriterule' && /^https?:/.test(words[1] ?? '') && /^\^?[/?(.*)]*\$?$/.test(words[0] ?? '');
}

/** Directives that need no translation, because our server does the same, or because they concern the machine and not the site. */
const known = new Set(
  `acceptpathinfo adddefaultcharset addtype addoutputfilterbydeflate allow allowoverride customlog directoryindex directoryslash documentroot enablesendfile
  errorlog expiresactive expiresbytype expiresdefault fileetag hostnamelookups keepalive limitrequestbody logformat loglevel options order protocols proxypassreverse
  proxypreservehost requestheader rewriteengine rewritebase rewriteoptions serveradmin serveralias servername serversignature setenvif suexecusergroup timeout
  usecanonicalname define undefine`.split(/\s+/),
);

/** Reads one directive into the site's rules. `conditions` are the `RewriteCond` lines just before it. */
function readLine(line: Line, vhost: Vhost, conditions: readonly Line[]): void {
  const { name, words, sections } = line;
  const [first = '', second = '', third = ''] = words;
  const inside = sections.filter((section) => section.name !== 'virtualhost');
  switch (name) {
    case 'sethandler':
    case 'proxypassmatch':
      if (readHandler(line, vhost)) return;
      break;
    case 'redirect':
    case 'redirectpermanent':
    case 'redirecttemp': {
      const [status, from, to] = words.length > 2 ? [first, second, third] : [name.slice('redirect'.length) || 'temp', first, second];
      if (from === '/') return;
      if (!/^(?:permanent|temp|30[12])$/.test(status) || !from || !to) break;
      // Apache's Redirect also applies to every path below this one.
      vhost.routes[from.endsWith('/') ? `${from}*` : from] = {
        redirect: from.endsWith('/') ? `${to}$1` : to,
        ...(/^(?:permanent|301)$/.test(status) && { permanent: true }),
      };
      return;
    }
    case 'redirectmatch': {
      const [status, from = '', to = ''] = words.length > 2 ? [first, second, third] : ['temp', first, second];
      if (addRoute(vhost, from, to, /^(?:permanent|301)$/.test(status) ? 'permanent' : 'temporary')) return;
      break;
    }
    case 'rewritecond':
      // A condition needs no remark. If its rule is not translated, the rule gets one.
      return;
    case 'rewriterule':
      if (isRedirectOfAll(line) && conditions.every(isAboutAddress)) return;
      if (/(?:^|\/)index\.php/.test(second)) return;
      if (second === '-') {
        // Without one of these flags, the rule only ends the rewriting or sets a variable.
        if (!/(?:\[|,)\s*(?:F|forbidden|G|gone|R|redirect)\b/i.test(third)) return;
        const denied = conditions.length === 0 ? deniedByPattern(first) : undefined;
        if (denied) {
          vhost.deny.push(...denied);
          return;
        }
      }
      break;
    case 'header': {
      const [, action = '', header = '', value = ''] = /^(?:always )?(\w+) (\S+) ?(.*)$/.exec(words.join(' ')) ?? [];
      if (/^(?:strict-transport-security|cache-control|expires|pragma)$/i.test(header)) return;
      if (!/^(?:set|append|add|merge)$/.test(action) || /["$\\%]/.test(value) || inside.some((section) => section.name !== 'directory'))
        break;
      vhost.headers[header] = value;
      return;
    }
    case 'proxypass': {
      const [, port, uri = ''] = /^(?:http|ws)s?:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):(\d+)(\/.*)?$/.exec(second) ?? [];
      if (second === '!') return;
      if (!port || first === '/' || uri.replace(/\/$/, '') !== first.replace(/\/$/, '')) break;
      vhost.proxy[first.replace(/\/$/, '')] = Number(port);
      return;
    }
    case 'php_value':
    case 'php_admin_value':
      vhost.settings[first] = second;
      return;
    case 'php_flag':
    case 'php_admin_flag':
      vhost.settings[first] = /^(?:on|1|yes|true)$/i.test(second) ? '1' : '0';
      return;
    case 'setenv':
      vhost.environment.push(first);
      return;
    case 'assignuserid':
    case 'suexecusergroup':
      vhost.user = first;
      return;
    case 'deny':
    case 'require': {
      const isAll = name === 'deny' ? /^from all$/i.test(words.join(' ')) : /^all denied$/i.test(words.join(' '));
      if (/^all granted$/i.test(words.join(' '))) return;
      const denied = isAll ? deniedIn(line, vhost) : undefined;
      if (!denied) break;
      vhost.deny.push(...denied);
      return;
    }
    default:
      if (known.has(name) || /^ssl/.test(name)) return;
  }
  vhost.remarks.push(notTranslated(line));
}

function readHandler({ words, sections }: Line, vhost: Vhost): boolean {
  const text = words.find((word) => /(?:^proxy:)?(?:unix:|fcgi:)/.test(word)) ?? '';
  const [, socket] = /unix:([^|]+)/.exec(text) ?? [];
  const [, port] = /fcgi:\/\/([^/]+)/.exec(text) ?? [];
  const address = socket ?? port;
  if (address === undefined) return /^(?:application\/x-httpd-php|none|default-handler)/.test(words[0] ?? '');
  if (sections.some(({ name }) => /^files/.test(name) || name === 'directory' || name === 'virtualhost') || sections.length === 0)
    vhost.php = { kind: 'fpm', address: socket ? `unix:${address}` : address };
  return true;
}

/** Returns the paths that a section denies, or undefined if our configuration cannot express them. */
function deniedIn({ sections }: Line, { docroot = '' }: Vhost): readonly string[] | undefined {
  const section = sections.findLast(({ name }) => name !== 'virtualhost');
  const [path = ''] = section?.words ?? [];
  switch (section?.name) {
    case 'directory':
      if (path === '/') return [];
      return docroot !== '' && path.startsWith(`${docroot}/`) ? [`${path.slice(docroot.length).replace(/\/$/, '')}/`] : undefined;
    case 'location':
      return path.startsWith('/') && path !== '/' ? [`${path.replace(/\/$/, '')}/`] : undefined;
    case 'files':
      return /^[\w.*-]+$/.test(path) ? (path.startsWith('.ht') ? [] : [`/*${path.replace(/^\*/, '')}`]) : undefined;
    case 'filesmatch':
    case 'locationmatch':
    case 'directorymatch':
      return path.startsWith('^\\.') ? [] : deniedByPattern(path);
    default:
      return undefined;
  }
}

function notTranslated({ name, words, at }: Line): Remark {
  const text = [name, ...words].join(' ');
  return { at, text: text.length > 100 ? `${text.slice(0, 99)}…` : text };
}
