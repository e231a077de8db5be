import {
  aboutOf,
  answersEveryAddress,
  type Checker,
  type Config,
  certificatesFolder,
  definePlaybook,
  directory,
  dnsCheck,
  type Facts,
  file,
  hostToken,
  isSecure,
  nginxCheck,
  nginxSnippet,
  packages,
  type Resource,
  reload,
  restart,
  type Site,
  secret,
  secretPlace,
  service,
  sh,
  snippetsFolder,
  symlink,
  tcpCheck,
  template,
  widestOf,
} from '../../src/index.ts';
import { hardeningOf } from '../host/hardening.ts';
import { pathsOf } from '../host/paths.ts';
import { assetEndings } from './assets.ts';
import { certificates } from './certificates.ts';
import { hasOwnersNames, nginxElsewhere, nginxPaths, ownersDefault, ownersNames, requireIncluded } from './existing.ts';
import { proxiesFile } from './proxies.ts';
import { abilitiesOf, guideline, listenByDefault, listenTls, socketsOn, tlsSnippet } from './tls.ts';
import { vhost } from './vhost.ts';

const checker: Checker = { name: 'nginx -t', roots: ['/etc/nginx', certificatesFolder], command: sh`nginx -t -q`, unit: 'nginx.service' };
/** Has nginx take up its configuration, once its own checker has found no fault with it. */
export const notify = reload('nginx', checker);

/** Nginx: files itself, everything else to PHP; names that no site here has get no answer. */
export default definePlaybook({
  name: 'nginx',
  roles: ['web'],
  packages: () => ['nginx', 'openssl'],
  secrets: () => [hostToken],

  resources: ({ site, config }, facts) => {
    requireIncluded(facts);
    const paths = pathsOf(site);
    const enabled = (name: string, content: string, exclusive?: true) => [
      file(`/etc/nginx/sites-available/${name}.conf`, { content, notify, exclusive }),
      symlink(`/etc/nginx/sites-enabled/${name}.conf`, { to: `../sites-available/${name}.conf`, notify, exclusive }),
    ];
    const byDefault = listenByDefault(80, facts);
    return [
      ...packages('nginx'),
      directory('/etc/nginx/site.d'),
      // As the package makes it; nginx does not start without it.
      directory('/var/log/nginx', { group: 'adm' }),
      directory(paths.own, { holds: 'data' }),
      file(nginxPaths.shared, { content: template('web/http.conf', { names: roomForNames(facts), assets: assetEndings }), notify }),
      file(`${snippetsFolder}/foobar-headers.conf`, { content: template('web/headers.conf'), notify }),
      ...(byDefault ? enabled('foobar-default', template('web/default.conf', { listen: byDefault })) : []),
      ...enabled(site.domain, vhost(site, facts), true).map((resource) =>
        resource.kind === 'symlink' ? { ...resource, ...disputeOf(site, facts) } : resource,
      ),
      ...(isSecure(site)
        ? [
            ...packages('openssl'),
            ...certificates(site, notify),
            ...[...new Set([site.https.guideline, widest(config, facts)])].map((name) =>
              file(`${snippetsFolder}/foobar-tls-${name}.conf`, { content: guideline(name, facts), notify }),
            ),
            file(nginxSnippet(site.domain, 'tls'), { content: tlsSnippet(site, facts), notify, exclusive: true }),
            ...(listenTls(facts, true) ? enabled('foobar-default-tls', refusal(config, facts)) : []),
          ]
        : []),
      ...(site.web.proxies.length > 0
        ? [file(nginxSnippet(site.domain, 'proxies'), { content: proxiesFile(site), notify, exclusive: true })]
        : []),
      ...(isSecure(site) && site.https.proven && site.https.hsts > 0
        ? [
            file(nginxSnippet(site.domain, 'hsts'), {
              content: template('web/hsts.conf', { domain: site.domain, seconds: site.https.hsts }),
              notify,
            }),
          ]
        : []),
      file.absent(nginxPaths.distributions, { broughtBy: 'nginx-common', notify }),
      ...(site.web.cache > 0 ? [directory(paths.cache, { owner: 'www-data', mode: '0700', holds: 'ours' })] : []),
      secret(hostToken),
      directory(paths.proof),
      directory(`${paths.proof}/.well-known`),
      file(`${paths.proof}/.well-known/foobar-provision`, {
        content: `nginx serves ${site.domain} ${secretPlace(hostToken)}`,
        secrets: [hostToken],
      }),
      ...hardeningOf('nginx', 'web/hardening.conf', config, restart('nginx', checker), nginxElsewhere(facts)),
      service('nginx', { running: true, enabled: true, ports: isSecure(site) ? [80, 443] : [80] }),
    ];
  },

  remarks: ({ site }, facts) => {
    const sockets = [...socketsOn(80, facts), ...(isSecure(site) ? socketsOn(443, facts) : [])];
    return [
      ...(answersEveryAddress(site.runtime.kind) ? [] : site.app.source.recognised.remarks),
      ...[...new Set(sockets.flatMap((socket) => ownersDefault(socket, facts) ?? []))].map(
        (path) => `${path} is the default server for unknown names (default_server). It stays, and ours is left out.`,
      ),
      ...ownersNames(site, facts).map(({ name, file }) => `${file} serves ${name} too, and Nginx sends visitors to only one of the two.`),
    ];
  },

  health: ({ site }, facts) => {
    const [host = site.domain] = site.names;
    const logs = sh`tail -n 10 /var/log/nginx/error.log ${`/var/log/nginx/${site.domain}.error.log`} 2>/dev/null`;
    return [
      dnsCheck({ names: site.names, required: false, ...reachedNames(site, facts) }),
      tcpCheck({ port: 80, log: sh`nginx -t -q 2>&1; journalctl --no-pager -o cat -n 8 -u nginx` }),
      nginxCheck({
        port: 80,
        host,
        path: '/.well-known/foobar-provision',
        status: 200,
        contains: `nginx serves ${site.domain}`,
        log: logs,
      }),
    ];
  },
});

/**
 * Whoever asks by HTTPS for another name. The handshake begins before the name is read, so this server's guideline is the widest of the
 * host's. An nginx that cannot refuse a handshake shows a site's own certificate, and nothing else.
 */
function refusal(config: Config, facts: Facts): string {
  const [shown] = [...aboutOf(config).secure, ...(facts.others ?? []).flatMap(({ secure }) => secure)].sort();
  return template('web/default-tls.conf', {
    listen: listenTls(facts, true),
    refuse: abilitiesOf(facts).reject || !shown ? '    ssl_reject_handshake on;' : `    include snippets/${shown}.tls.conf;`,
    guideline: widest(config, facts),
  });
}

function disputeOf(site: Site, facts: Facts): Pick<Resource, 'disputed'> {
  const [first] = ownersNames(site, facts);
  return first ? { disputed: `would serve ${first.name}, which ${first.file} does` } : {};
}

/** Without it nginx refuses a name of more than 46 characters where the processor's cache lines have 64 bytes. */
function roomForNames(facts: Facts): string {
  return hasOwnersNames(facts)
    ? '# Room for long names: already set elsewhere on this host.'
    : '# Room for names of up to 110 characters.\nserver_names_hash_bucket_size 128;';
}

function widest(config: Config, { others = [] }: Facts): Site['https']['guideline'] {
  return widestOf([aboutOf(config), ...others].flatMap(({ guideline }) => guideline ?? []));
}

/** The names at whose addresses the host was found to answer, if that was asked. */
export function reachedNames({ https }: Site, { resolvingNames }: Facts): { readonly reached?: readonly string[] } {
  const isAsked = https.certificate.kind === 'acme' || https.certificate.kind === 'own';
  return isAsked && resolvingNames ? { reached: resolvingNames } : {};
}
