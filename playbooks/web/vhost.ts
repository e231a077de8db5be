import { type Facts, identifierOf, isSecure, type Site, template } from '../../src/index.ts';
import { pathsOf, tlsOf } from '../host/paths.ts';
import { trusted } from './proxies.ts';
import { listenOn, listenTls } from './tls.ts';

/** Returns the names for a comment, at most ten: nginx rejects comments of more than 4096 bytes, which a hundred names can exceed. */
function titleOf(names: readonly string[]): string {
  const some = names.slice(0, 10);
  return [...some, ...(names.length > some.length ? [`and ${names.length - some.length} more`] : [])].join(' ');
}

/** Returns the servers of a site: one for HTTP, or the redirect to HTTPS and the HTTPS site. */
export function vhost(site: Site, facts: Facts): string {
  const [canonical = site.domain, ...others] = site.names;
  const { redirects } = site.https;
  const names = site.names.join(' ');
  const isProxied = site.web.proxies.length > 0;
  const values = {
    title: titleOf(site.names),
    names,
    own: pathsOf(site).own,
    rules: pathsOf(site).rules,
    listen: listenOn(80, facts),
    proxies: isProxied ? `include snippets/${site.domain}.proxies.conf;` : '',
  };
  if (!isSecure(site)) return template('web/site.conf', values);
  const tls = listenTls(facts);
  return template('web/site-https.conf', {
    ...values,
    domain: site.domain,
    listenTls: tls,
    http: redirects ? 'redirects to HTTPS, once there is a certificate' : 'serves the site, as HTTPS does',
    served: redirects ? canonical : names,
    trusted: isProxied && redirects ? visitors(site) : '',
    hsts: hasHsts(site) ? template('web/hsts-header.conf', { domain: site.domain, name: variableOf(site), seconds: site.https.hsts }) : '',
    leave: isProxied && redirects ? leave(site) : '',
    plain: plain(site),
    others:
      redirects && others.length > 0
        ? template('web/others.conf', {
            domain: site.domain,
            canonical,
            others: others.join(' '),
            proxies: values.proxies,
            listenTls: tls,
            static: pathsOf(site).proof,
            scheme: isProxied ? `$${variableOf(site)}_scheme` : '$scheme',
          })
            .trimEnd()
            .concat('\n')
        : '',
  });
}

/** Returns whether browsers are told to use only HTTPS, which they are once it was seen to work. */
export function hasHsts(site: Site): boolean {
  return isSecure(site) && site.https.proven && site.https.hsts > 0;
}

/**
 * Returns the answers over HTTP. Before the CA has issued a certificate, that is the site itself; the link that changes with the
 * certificate decides.
 */
function plain(site: Site): string {
  return site.https.certificate.kind === 'acme'
    ? `    include ${tlsOf(site).now}/http.conf;`
    : redirect(site)
        .replace(/^(?=.)/gm, '    ')
        .trimEnd();
}

/**
 * Returns the redirect of everything to HTTPS at the canonical name, except what proves the name, or the site itself if the application
 * would redirect visitors back.
 */
export function redirect(site: Site): string {
  const { rules, proof } = pathsOf(site);
  const canonical = site.names[0] ?? site.domain;
  if (!site.https.redirects) return template('web/open.conf', { rules });
  return site.web.proxies.length > 0
    ? template('web/redirect-visitors.conf', { name: variableOf(site), canonical, rules })
    : template('web/redirect.conf', { domain: site.domain, canonical, static: proof });
}

function visitors(site: Site): string {
  const name = variableOf(site);
  const pattern = (site.names[0] ?? site.domain).replaceAll('.', '\\.');
  return `${trusted(name, site)}${template('web/visitors.conf', { name, pattern })}`.trimEnd().concat('\n');
}

function leave(site: Site): string {
  return `if ($${variableOf(site)}_leaves) { return 301 https://${site.names[0] ?? site.domain}$request_uri; }`;
}

/** Returns the prefix of the servers' variables. It differs from that of a release's rules, which may have been written at another time. */
export function variableOf(site: Site): string {
  return `${identifierOf(site.domain)}_server`;
}
