import { identifierOf, matchesAddress, type Site, template, timesOf } from '../../../src/index.ts';
import { below, pathsOf } from '../../host/paths.ts';
import { fallbackOf } from '../fallback.ts';
import type { Locations } from '../runtime.ts';
import { fastcgiParameters } from './visitor.ts';

/** Names of index files, in their order. */
export const indexOfPhp = 'index.php index.html index.htm';

/** Returns nginx's `location` blocks for PHP. `release` is the path at which nginx finds the release's socket. */
export function fastcgiLocations(site: Site, release: string): Pick<Locations, 'locations' | 'frontController'> {
  const variable = identifierOf(site.domain);
  return {
    locations: location(site, {
      release,
      addresses: '~ ^(.+?\\.php)(/.*)?$',
      script: template('runtimes/php/script.conf', { variable, fallback: fallbackOf(site.web.routing, '=404') }).trimEnd(),
      rest: `fastcgi_param PATH_INFO $${variable}_path if_not_empty;`,
    }),
    ...(isAnsweredByFrontController(site) && {
      frontController: location(site, {
        release,
        addresses: '~ ^/(?:index\\.php)?$',
        script: '# The front page and the front controller: most requests. The release has this script, so nothing is looked for.',
        rest: 'fastcgi_param DOCUMENT_URI $fastcgi_script_name;',
      }),
    }),
  };
}

/** Returns a block that passes some addresses to PHP. */
function location(
  site: Site,
  differences: { readonly release: string; readonly addresses: string; readonly script: string; readonly rest: string },
): string {
  return template('runtimes/php/nginx.conf', {
    seen: below(pathsOf(site).current, site),
    wait: timesOf(site.limits).wait,
    seconds: site.limits.seconds,
    visitor: fastcgiParameters(site),
    ...differences,
  }).trimEnd();
}

/**
 * Returns whether the front page is always answered by the release's own /index.php: no route or denial matches it, no other index file
 * comes before it, and the application cannot replace it.
 */
function isAnsweredByFrontController({ app: { source, shared, writable }, web: { routing } }: Site): boolean {
  const pathOf = (name: string) => (source.docroot === '.' ? name : `${source.docroot}/${name}`);
  const first = [...routing.index, ...indexOfPhp.split(' ')].find((name) => source.entries.some((entry) => entry.path === pathOf(name)));
  const path = pathOf('index.php');
  const isOwn = ![...shared, ...writable].some((other) => other === '.' || `${path}/`.startsWith(`${other}/`));
  const patterns = [
    ...routing.denials.map(({ pattern }) => pattern),
    ...routing.routes.flatMap(({ for: which, from }) => (which === 'all' ? [from] : [])),
  ];
  return first === 'index.php' && isOwn && source.links[path] === undefined && !patterns.some(matchesFrontPage);
}

/** Returns whether a pattern of nginx may match the front page or the front controller. One that JavaScript does not know counts as such. */
function matchesFrontPage(pattern: string): boolean {
  try {
    return ['/', '/index.php'].some((address) => matchesAddress(pattern, address));
  } catch {
    return true;
  }
}
