import { type Facts, identifierOf, isSecure, type Site, template } from '../src/index.ts';
import { noFile } from './instance.ts';
import { pathsOf, tlsOf } from './paths.ts';
import { limits } from './php.ts';
import { runtimes } from './runtimes.ts';
import { listenOn, listenTls } from './tls.ts';

/** The names as a comment tells them. Nginx refuses a comment of more than 4096 bytes, as one of a hundred names may be. */
function titleOf(names: readonly string[]): string {
  const some = names.slice(0, 10);
  return [...some, ...(names.length > some.length ? [`and ${names.length - some.length} more`] : [])].join(' ');
}

/** The servers of a site: one for HTTP alone, or the way to HTTPS and the site there. */
export function vhost(site: Site, facts: Facts): string {
  const [canonical = site.domain, ...others] = site.names;
  const given = {
    title: titleOf(site.names),
    names: site.names.join(' '),
    domain: site.domain,
    own: pathsOf(site).own,
    shared: shared(site),
    listen: listenOn(80, facts),
  };
  if (!isSecure(site)) return template('nginx/site.conf', given);
  const tls = listenTls(facts);
  return template('nginx/site-https.conf', {
    ...given,
    canonical,
    listenTls: tls,
    plain: plain(site),
    others:
      others.length === 0
        ? ''
        : template('nginx/others.conf', { domain: site.domain, canonical, others: others.join(' '), listenTls: tls })
            .trimEnd()
            .concat('\n'),
  });
}

/** What a visitor by HTTP meets. Where the CA has given nothing yet, the site itself; the link that turns with the certificate tells. */
function plain(site: Site): string {
  return site.https.certificate.kind === 'acme'
    ? `    include ${tlsOf(site).now}/http.conf;`
    : redirect(site)
        .replace(/^(?=.)/gm, '    ')
        .trimEnd();
}

/** Everything to HTTPS at the canonical name, but for what proves the name. */
export function redirect(site: Site): string {
  return template('nginx/redirect.conf', { domain: site.domain, canonical: site.names[0] ?? site.domain, static: pathsOf(site).proof });
}

/** What stands before the servers: maps and zones, which nginx wants outside of them. */
function shared(site: Site): string {
  const { policy, logins, cache } = site.web;
  const id = identifierOf(site.domain);
  const before = runtimes[site.app.runtime]?.nginx(site).before;
  return [
    before && `${before}\n\n`,
    policy && template('nginx/policy.conf', { id, policy }),
    logins &&
      template('nginx/logins.conf', {
        id,
        paths: logins.paths.join(', '),
        keys: logins.paths.map((path) => `    "POST ${path}" $binary_remote_addr;`).join('\n'),
        rate: logins.perMinute,
      }),
    cache > 0 && template('nginx/cache.conf', { id, path: pathsOf(site).cache }),
  ]
    .filter(Boolean)
    .join('');
}

/** What the site serves, by HTTP and by HTTPS. */
export function application(site: Site): string {
  const paths = pathsOf(site);
  const id = identifierOf(site.domain);
  const { policy, logins, cache } = site.web;
  const runtime = runtimes[site.app.runtime]?.nginx(site);
  const tries = runtime?.tries ?? '$uri $uri/ =404';
  const fallback = tries.split(' ').at(-1) ?? '=404';
  const file = tries.startsWith(noFile) ? noFile : '$uri';
  return template('nginx/app.conf', {
    domain: site.domain,
    root: paths.docroot,
    previous: paths.previous,
    own: paths.own,
    body: limits.body,
    static: paths.proof,
    tries,
    fallback,
    file,
    // Where no files are served, none of the release before are.
    previousOr: file === noFile ? fallback : '@previous',
    kept: keptFolders(site)
      .map((folder) => `^/${folder}/|`)
      .join(''),
    uploads: uploads([...site.app.shared, ...site.app.writable], site.app.source.docroot),
    policy: policy && `add_header Content-Security-Policy $${id}_policy always;`,
    logins: logins ? `limit_req zone=${id}_login burst=5 nodelay;\nlimit_req_status 429;` : '',
    cache: cache > 0 ? template('nginx/cached.conf', { id, seconds: cache }).trimEnd() : '',
    application: (runtime?.locations ?? '').replaceAll(/^ {4}/gm, ''),
  });
}

/** Folders of the docroot that hold the application's own code, of which nobody but it has a use. */
function keptFolders({ app: { source } }: Site): readonly string[] {
  if (source.docroot === '.') return ['migrations', 'node_modules', 'vendor'];
  // Elsewhere they are what the application publishes, unless a package manager has filled them.
  const fills = { node_modules: /^[^/]+\/package\.json$/, vendor: /^(?:autoload\.php|composer\/)/ };
  return Object.entries(fills).flatMap(([folder, its]) => {
    const inside = `${source.docroot}/${folder}/`;
    return source.entries.some(({ path }) => path.startsWith(inside) && its.test(path.slice(inside.length))) ? [folder] : [];
  });
}

/** The folders that visitors or the application fill, as a pattern of paths below the docroot; the usual ones always count. */
function uploads(filled: readonly string[], docroot: string): string {
  const inside = filled.flatMap((path) =>
    docroot === '.' ? [path] : path.startsWith(`${docroot}/`) ? [path.slice(docroot.length + 1)] : [],
  );
  const usual = ['files', 'storage', 'uploads', 'wp-content/uploads'];
  return [...new Set([...usual, ...inside])].map((path) => path.replaceAll(/[^A-Za-z0-9/_-]/g, '.')).join('|');
}
