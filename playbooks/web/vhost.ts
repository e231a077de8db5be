import { type Facts, isSecure, type Site, template } from '../../src/index.ts';
import { pathsOf, tlsOf } from '../host/paths.ts';
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
    own: pathsOf(site).own,
    rules: pathsOf(site).rules,
    listen: listenOn(80, facts),
  };
  if (!isSecure(site)) return template('web/site.conf', given);
  const tls = listenTls(facts);
  return template('web/site-https.conf', {
    ...given,
    domain: site.domain,
    canonical,
    listenTls: tls,
    plain: plain(site),
    others:
      others.length === 0
        ? ''
        : template('web/others.conf', { domain: site.domain, canonical, others: others.join(' '), listenTls: tls })
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
  return template('web/redirect.conf', { domain: site.domain, canonical: site.names[0] ?? site.domain, static: pathsOf(site).proof });
}
