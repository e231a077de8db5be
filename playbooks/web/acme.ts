import { certificate, definePlaybook, file, isSecure, packages, type Site, service, sh, template, tlsCheck } from '../../src/index.ts';
import { pathsOf, tlsOf } from '../host/paths.ts';
import { daemonReload } from '../host/systemd.ts';

/** A certificate from a CA: certbot renews it, and a timer retries if it could not be issued yet. */
export default definePlaybook({
  name: 'https',
  roles: ['web'],
  busyUnits: ['certbot.service', 'foobar-provision-certificate.service'].map((unit) => ({ unit, does: 'renews a certificate' })),

  resources: ({ site }) => {
    const { certificate: desired } = site.https;
    if (desired.kind !== 'acme') return [];
    const tls = tlsOf(site);
    const { directory, rehearsal = '', email = '' } = desired.acme;
    return [
      ...packages('certbot', 'openssl'),
      file('/usr/local/sbin/foobar-provision-certificate', {
        content: template('web/certificate.sh', { durable: template('run/durable.sh'), reload: template('web/reload.sh') }),
        mode: '0755',
      }),
      file(tls.request, {
        content: template('web/request.sh', {
          names: site.names.join(' '),
          webroot: pathsOf(site).proof,
          directory,
          rehearsal,
          email,
        }),
        mode: '0600',
      }),
      ...authorities(site),
      file('/etc/systemd/system/foobar-provision-certificate.service', {
        content: template('web/certificate.service'),
        notify: daemonReload,
      }),
      file('/etc/systemd/system/foobar-provision-certificate.timer', { content: template('web/certificate.timer'), notify: daemonReload }),
      service('certbot.timer', { running: true, enabled: true }),
      service('foobar-provision-certificate.timer', { running: true, enabled: true }),
      certificate(site.domain, { names: site.names, directory }),
    ];
  },

  health: ({ site }) => {
    const { certificate: kept, authorities: trusted, redirects } = site.https;
    if (!isSecure(site)) return [];
    return [
      tlsCheck({
        port: 443,
        names: site.names,
        issuer: kept.kind === 'acme' ? 'ca' : kept.kind === 'own' ? 'own' : 'self',
        ...(!redirects && { isHttpOpen: true }),
        ...(trusted && { authorities: trusted }),
        log: sh`tail -n 12 ${`/var/lib/foobar-provision/certificates/${site.domain}.said`} 2>/dev/null || tail -n 5 /var/log/nginx/error.log`,
      }),
    ];
  },
});

function authorities(site: Site) {
  const { authorities: trusted } = site.https;
  if (!trusted) return [];
  return [
    file(tlsOf(site).authorities, { content: trusted }),
    file('/etc/systemd/system/certbot.service.d/foobar-provision.conf', { content: template('web/certbot.conf'), notify: daemonReload }),
  ];
}
