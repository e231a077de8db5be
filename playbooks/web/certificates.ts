import {
  certificatesFolder,
  directory,
  file,
  type Handler,
  type Resource,
  type Site,
  secret,
  selfSigned,
  symlink,
  template,
} from '../../src/index.ts';
import { pathsOf, tlsOf } from '../host/paths.ts';
import { redirect } from './vhost.ts';

/** Returns what nginx needs before it can serve a site over HTTPS: a certificate, even if only a temporary one. */
export function certificates(site: Site, notify: Handler): readonly Resource[] {
  const tls = tlsOf(site);
  const { certificate } = site.https;
  const folders = [directory(certificatesFolder, { mode: '0700' }), directory(tls.home, { mode: '0700', holds: 'ours' })];
  switch (certificate.kind) {
    case 'own':
      return [
        ...folders,
        secret(tls.ownSecret, { value: certificate.key, lines: true }),
        file(tls.ownChain, { content: certificate.chain, notify }),
      ];
    case 'self-signed':
      return [...folders, selfSigned(site.domain, { names: site.names })];
    case 'acme':
      return [
        ...folders,
        selfSigned(site.domain, { names: site.names, standsIn: true }),
        // The link `now`, which is not made here, selects which of these two folders nginx reads, so that the certificate and the HTTP
        // behavior change together.
        file(`${tls.self}/http.conf`, { content: template('web/waiting.conf', { rules: pathsOf(site).rules }), notify }),
        file(`${tls.ca}/http.conf`, { content: `${template('web/ready.conf')}${redirect(site)}`, notify }),
        symlink(`${tls.ca}/fullchain.pem`, { to: `/etc/letsencrypt/live/${site.domain}/fullchain.pem` }),
        symlink(`${tls.ca}/privkey.pem`, { to: `/etc/letsencrypt/live/${site.domain}/privkey.pem` }),
      ];
    default:
      return [];
  }
}
