import { identifierOf, type Site, template, timesOf } from '../../../src/index.ts';
import { pathsOf } from '../../host/paths.ts';
import { fallbackOf } from '../fallback.ts';
import { answeredByRelease } from '../instance.ts';
import type { Locations } from '../runtime.ts';
import { fastcgiParameters } from './visitor.ts';

/** Names of index files, in their order. */
export const indexOfPhp = 'index.php index.html index.htm';

/** Returns nginx's configuration for PHP: the release of a request, the path at which PHP sees its files, and its `location` blocks. */
export function fastcgiLocations(site: Site): Pick<Locations, 'before' | 'locations' | 'frontController'> {
  const { releases, current } = pathsOf(site);
  const variable = identifierOf(site.domain);
  const { before, locations } = answeredByRelease(site, 'runtimes/php/nginx.conf', {
    ...common(site),
    addresses: '~ ^(.+?\\.php)(/.*)?$',
    script: template('runtimes/php/script.conf', { variable, fallback: fallbackOf(site.web.routing, '=404') }).trimEnd(),
    rest: `fastcgi_param PATH_INFO $${variable}_path if_not_empty;`,
  });
  return {
    before: `${before}\n${template('runtimes/php/seen.conf', { variable, releases: releases.replaceAll('.', '\\.'), current }).trimEnd()}`,
    locations,
    ...(isAnsweredByFrontController(site) && { frontController: frontController(site) }),
  };
}

function common(site: Site) {
  return { wait: `${timesOf(site.limits).wait}`, seconds: `${site.limits.seconds}`, visitor: fastcgiParameters(site) };
}

/** Returns the block for the front page and the front controller. */
function frontController(site: Site): string {
  return answeredByRelease(site, 'runtimes/php/nginx.conf', {
    ...common(site),
    addresses: '~ ^/(?:index\\.php)?$',
    script: '# The front page and the front controller: most requests. The release has this script, so nothing is looked for.',
    rest: 'fastcgi_param DOCUMENT_URI $fastcgi_script_name;',
  }).locations;
}

/**
 * Returns whether the front page is always answered by the release's own /index.php: no route or denial matches it, no other index file
 * comes before it, and the application cannot replace it.
 */
function isAnsweredByFrontController({ app: { source, shared, writable }, web: { routing } }: Site): boolean {
  const pathOf = (name: string) => (source.docroot === '.' ? name : `${source.docroot}/${name}`);
  const files = new Set(source.entries.map(({ path }) => path));
  const first = [...routing.index, ...indexOfPhp.split(' ')].find((name) => files.has(pathOf(name)));
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
  const ignoresCase = pattern.startsWith('(?i)');
  try {
    const regex = new RegExp(ignoresCase ? pattern.slice(4) : pattern, ignoresCase ? 'i' : '');
    return ['/', '/index.php'].some((address) => regex.test(address));
  } catch {
    return true;
  }
}
