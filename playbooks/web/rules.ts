import { createHash } from 'node:crypto';
import {
  bodyText,
  directory,
  file,
  type Handler,
  identifierOf,
  type Resource,
  type Route,
  rulesFolder,
  type Site,
  template,
} from '../../src/index.ts';
import { below, pathsOf } from '../host/paths.ts';
import { placeOfServed, servedAddresses } from '../host/shared-paths.ts';
import { fallbackOf } from '../runtimes/fallback.ts';
import { runtimeOf } from '../runtimes/index.ts';
import { noFile } from '../runtimes/instance.ts';
import type { Locations } from '../runtimes/runtime.ts';
import { schemeOf } from '../runtimes/visitor.ts';
import { assetPattern } from './assets.ts';
import { proxiedAddresses, upgrades } from './proxied-addresses.ts';
import { trusted } from './proxies.ts';
import { denials, errorPages, front, headersOf, longest, routes } from './routing.ts';
import { linked, uploads } from './uploads.ts';

/** Nginx's rules for a release, in a folder that is named after a hash of them, so that new rules can be written beside the live ones. */
export interface Rules {
  readonly id: string;
  readonly folder: string;
  readonly resources: readonly Resource[];
}

/** Returns the rules of the site. `notify` makes nginx load them. */
export function rulesOf(site: Site, notify: Handler): Rules {
  const { rules } = pathsOf(site);
  const { http: unnamed, server: application } = textOf(site, '');
  const id = createHash('sha256').update(`${unnamed}\0${application}`).digest('hex').slice(0, 8);
  const folder = `${rules}/${id}`;
  const { http, server } = textOf(site, folder);
  return {
    id,
    folder,
    resources: [
      directory(rulesFolder),
      directory(rules, { holds: 'ours', exclusive: true }),
      directory(folder, { holds: 'ours', retained: true }),
      file(`${folder}/http.conf`, { content: http, notify, retained: true }),
      file(`${folder}/server.conf`, { content: server, notify, retained: true }),
    ],
  };
}

/** Returns the two files of the rules in this folder. */
function textOf(site: Site, folder: string): { readonly http: string; readonly server: string } {
  const locations = runtimeOf(site).nginx(site, `${folder}/live`);
  const root = below(`${folder}/live/files`, site);
  const unlinked = unlinkedOf(site, root);
  return {
    http: before(site, locations, { root, unlinked }),
    server: application(site, locations, { folder, root, isMapped: unlinked !== '' }),
  };
}

/** Returns the part before the servers: maps and zones, which nginx allows only outside of them. */
function before(site: Site, locations: Locations, { root, unlinked }: { readonly root: string; readonly unlinked: string }): string {
  const { policy, logins, cache, proxies } = site.web;
  const id = identifierOf(site.domain);
  return [
    template('web/rules.conf', { domain: site.domain }),
    locations.before && `${locations.before}\n\n`,
    proxies.length > 0 && `${trusted(id, site)}${template('web/https-variable.conf', { name: id })}`,
    policy && template('web/policy.conf', { id, policy }),
    headersOf(site).before,
    sharedOf(site, root),
    assetsOf(site, locations),
    unlinked,
    upgrades(site),
    logins &&
      template('web/logins.conf', {
        id,
        paths: logins.paths.join(', '),
        keys: logins.paths.map((path) => `    "POST ${path}" $binary_remote_addr;`).join('\n'),
        rate: logins.perMinute,
      }),
    cache > 0 && template('web/cache.conf', { id, path: pathsOf(site).cache }),
  ]
    .filter(Boolean)
    .join('');
}

/** Returns where addresses lead that are not files: another address, a named location or a status. */
function addressesOf(site: Site, { tries, scripts }: Locations) {
  const { routing: all } = site.web;
  // A static site has no scripts, so routes to scripts are left out.
  const routing = scripts || site.runtime.kind !== 'static' ? all : { ...all, routes: all.routes.filter((route) => !leadsToScript(route)) };
  const words = tries.split(' ');
  const otherwise = words.at(-1) ?? '=404';
  return { routing, words, otherwise, fallback: fallbackOf(routing, otherwise), isServed: !tries.startsWith(noFile) };
}

/** Returns the map that distinguishes assets of pages from other addresses, or an empty text if no files are served. */
function assetsOf(site: Site, locations: Locations): string {
  const { fallback, isServed } = addressesOf(site, locations);
  if (!isServed) return '';
  return template('web/assets.conf', {
    id: identifierOf(site.domain),
    assets: assetPattern(locations.scripts === true),
    fallback: fallback === '=404' ? '@missing' : fallback,
  });
}

/** Returns the map of what nginx serves from where, or an empty text if everything is in the release. */
function sharedOf(site: Site, root: string): string {
  const addresses = servedAddresses(site);
  if (addresses === undefined) return '';
  return template('web/shared.conf', { id: identifierOf(site.domain), root, addresses, place: placeOfServed(site) });
}

/** Returns the map of the part of a path in which no link can be; an empty text if the release has too many links for one pattern. */
function unlinkedOf(site: Site, root: string): string {
  const pattern = linked(site);
  if (pattern.length > longest) return '';
  return template('web/unlinked.conf', { id: identifierOf(site.domain), root: root.replaceAll('.', '\\.'), linked: pattern });
}

/** Returns what the site serves over HTTP and HTTPS. */
function application(
  site: Site,
  runtime: Locations,
  { folder, root, isMapped }: { readonly folder: string; readonly root: string; readonly isMapped: boolean },
): string {
  const paths = pathsOf(site);
  const id = identifierOf(site.domain);
  const { logins, cache } = site.web;
  const { index, locations, frontController = '', body, scripts } = runtime;
  const { routing, words, otherwise, fallback, isServed } = addressesOf(site, runtime);
  const pages = routing.cleanUrls && isServed ? ['$uri.html'] : [];
  // A missing style sheet is not answered with a page.
  const notThere = site.runtime.kind === 'static' ? '=404' : fallback;
  return template('web/app.conf', {
    domain: site.domain,
    root: servedAddresses(site) === undefined ? root : `$${id}_files`,
    unlinked: isMapped ? `$${id}_unlinked` : '$document_root',
    previous: `${folder}/previous`,
    own: paths.own,
    index: [...new Set([...routing.index, ...index.split(' ')])].join(' '),
    headers: headersOf(site).inside,
    errorPages: errorPages(routing),
    proxied: ended(proxiedAddresses(site)),
    frontController: ended(frontController.replaceAll(/^ {4}/gm, '')),
    denials: ended(denials(routing, fallback, isServed)),
    routes: ended(routes({ ...site, web: { ...site.web, routing } })),
    front: ended(front(routing, otherwise)),
    scripts: scripts ? '^(?!.*\\.php/).*' : '',
    missing: fallback === '=404' && isServed ? '\nlocation @missing { return 404; }' : '',
    notThere,
    bodyNote: body,
    body: bodyText(site.limits),
    static: paths.proof,
    scheme: schemeOf(site),
    // If no files are served, neither are those of the previous release.
    tries: [words[0], ...pages, ...words.slice(1, -1), isServed ? `$${id}_otherwise` : fallback].join(' '),
    fallback,
    file: isServed ? '$uri' : noFile,
    kept: keptFolders(site)
      .map((folder) => `^/${folder}/(?!${assetPattern(scripts === true)})|`)
      .join(''),
    uploads: uploads(site),
    logins: logins ? `limit_req zone=${id}_login burst=5 nodelay;\nlimit_req_status 429;` : '',
    cache: cache > 0 ? template('web/cached.conf', { id, seconds: cache, scheme: schemeOf(site) }).trimEnd() : '',
    application: locations.replaceAll(/^ {4}/gm, ''),
  });
}

/** Returns a block followed by an empty line. */
function ended(text: string): string {
  return text && `${text}\n`;
}

function leadsToScript(route: Route): boolean {
  return route.kind === 'rewrite' && /\.php(?:[?/]|$)/.test(route.to);
}

/** Returns folders of the docroot with the application's own code, which is not for visitors. */
function keptFolders({ app: { source } }: Site): readonly string[] {
  if (source.docroot === '.') return ['migrations', 'node_modules', 'vendor'];
  // In a docroot of its own, the application publishes these folders, unless a package manager has filled them.
  const fills = { node_modules: /^[^/]+\/package\.json$/, vendor: /^(?:autoload\.php|composer\/)/ };
  return Object.entries(fills).flatMap(([folder, its]) => {
    const inside = `${source.docroot}/${folder}/`;
    return source.entries.some(({ path }) => path.startsWith(inside) && its.test(path.slice(inside.length))) ? [folder] : [];
  });
}
