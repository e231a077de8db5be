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
  type Handler,
  hostToken,
  isSecure,
  lines,
  maintenanceRule,
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
  shellTemplate,
  snippetsFolder,
  symlink,
  tcpCheck,
  template,
  widestOf,
} from '../../src/index.ts';
import { hardeningOf } from '../host/hardening.ts';
import { pathsOf } from '../host/paths.ts';
import { daemonReload } from '../host/systemd.ts';
import { assetEndings } from './assets.ts';
import { certificates } from './certificates.ts';
import { hasOthers, isSetByOwner, nginxElsewhere, nginxPaths, ownersDefault, ownersNames, requireIncluded } from './existing.ts';
import { proxiesFile } from './proxies.ts';
import { abilitiesOf, guideline, listenByDefault, listenTls, socketsOn, tlsSnippet } from './tls.ts';
import { hasHsts, variableOf, vhost } from './vhost.ts';

const checker: Checker = { name: 'nginx -t', roots: ['/etc/nginx', certificatesFolder], command: sh`nginx -t -q`, unit: 'nginx.service' };
/** Reloads nginx, but only after `nginx -t` has accepted its configuration, and waits until requests are served with it. */
export const notify: Handler = { ...reload('nginx', checker), command: lines(shellTemplate('web/reload.sh'), sh`reload_nginx`) };

const connections = template('web/connections.conf').trimEnd();

/** Nginx: it serves files itself and passes everything else to the application. Requests for names that no site on this host has get no answer. */
export default definePlaybook({
  name: 'nginx',
  roles: ['web'],
  packages: () => ['nginx', 'openssl'],
  secrets: () => [hostToken],
  observe: ({ site }) => sh`[ ! -e ${maintenanceRule(site.domain)} ] || echo maintenance`,

  resources: ({ site, config }, facts) => {
    requireIncluded(facts);
    const paths = pathsOf(site);
    const enabled = (name: string, content: string, exclusive?: true) => [
      file(`/etc/nginx/sites-available/${name}.conf`, { content, notify, exclusive }),
      symlink(`/etc/nginx/sites-enabled/${name}.conf`, { to: `../sites-available/${name}.conf`, notify, exclusive }),
    ];
    const defaultListen = listenByDefault(80, facts);
    return [
      ...packages('nginx'),
      directory('/etc/nginx/site.d'),
      // As the package creates it. Nginx does not start without this folder.
      directory('/var/log/nginx', { group: 'adm' }),
      directory(paths.own, { holds: 'data' }),
      file(nginxPaths.shared, {
        content: template('web/http.conf', {
          names: roomForNames(facts),
          connections: hasOthers(facts) ? '' : connections,
          assets: assetEndings,
        }),
        notify,
      }),
      file(`${snippetsFolder}/foobar-headers.conf`, { content: template('web/headers.conf'), notify }),
      file(`${snippetsFolder}/foobar-connections.conf`, {
        content: template('web/connections-of-sites.conf', { connections: hasOthers(facts) ? `gzip on;\n${connections}` : '' }),
        notify,
      }),
      ...(defaultListen ? enabled('foobar-default', template('web/default.conf', { listen: defaultListen })) : []),
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
      ...(hasHsts(site)
        ? [
            file(nginxSnippet(site.domain, 'hsts'), {
              content: template('web/hsts.conf', { domain: site.domain, name: variableOf(site) }),
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
      ...hardeningOf(
        'nginx',
        'web/hardening.conf',
        config,
        isInterrupting(facts) ? daemonReload : restart('nginx', checker),
        nginxElsewhere(facts),
      ),
      service('nginx', { running: true, enabled: true, ports: isSecure(site) ? [80, 443] : [80] }),
    ];
  },

  remarks: ({ site, config }, facts) => {
    const sockets = [...socketsOn(80, facts), ...(isSecure(site) ? socketsOn(443, facts) : [])];
    return [
      ...(config.host.hardening && isInterrupting(facts)
        ? ['Nginx is not restarted, because it serves other sites too: its hardening begins with its next start.']
        : []),
      ...(answersEveryAddress(site.runtime.kind) ? [] : site.app.source.recognized.remarks.map((remark) => named(remark, site, config))),
      ...[...new Set(sockets.flatMap((socket) => ownersDefault(socket, facts) ?? []))].map(
        (path) => `${path} defines the default server for unknown names (default_server). It stays, so ours is left out.`,
      ),
      ...ownersNames(site, facts).map(({ name, file }) => `${file} serves ${name} too, but Nginx sends visitors to only one of the two.`),
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
 * Returns the server that handles HTTPS requests for any other name. The handshake begins before the name is read, so this server uses the
 * most permissive TLS guideline on the host. An nginx that cannot refuse a handshake presents the certificate of one of the sites, and
 * serves nothing else.
 */
function refusal(config: Config, facts: Facts): string {
  const [shown] = [...aboutOf(config).secure, ...(facts.others ?? []).flatMap(({ secure }) => secure)].sort();
  return template('web/default-tls.conf', {
    listen: listenTls(facts, true),
    refuse: abilitiesOf(facts).reject || !shown ? '    ssl_reject_handshake on;' : `    include snippets/${shown}.tls.conf;`,
    guideline: widest(config, facts),
  });
}

/**
 * Returns whether a restart of nginx for its first hardening would interrupt sites of others. Later ones are necessary, so that nginx may
 * write what those sites have come to need.
 */
function isInterrupting(facts: Facts): boolean {
  return hasOthers(facts) && facts.packages.nginx?.installed !== undefined && !facts.nginxHardened;
}

function disputeOf(site: Site, facts: Facts): Pick<Resource, 'disputed'> {
  const [first] = ownersNames(site, facts);
  return first ? { disputed: `would serve ${first.name}, which ${first.file} already serves` } : {};
}

/**
 * Returns the sizes of nginx's tables, unless the owner has set them. Nginx rejects names of more than 46 characters if the processor's cache
 * lines are 64 bytes long, and complains about the variables of more than eight sites.
 */
function roomForNames(facts: Facts): string {
  const sizes = [
    ['server_names_hash_bucket_size', 128, 'names of up to 110 characters'],
    ['variables_hash_max_size', 4096, 'the variables of many sites'],
    ['variables_hash_bucket_size', 256, 'several variables in a row of the table'],
  ] as const;
  return sizes
    .map(([directive, size, what]) =>
      isSetByOwner(directive, facts)
        ? `# Room for ${what}: already set elsewhere on this host.`
        : `# Room for ${what}.\n${directive} ${size};`,
    )
    .join('\n');
}

function widest(config: Config, { others = [] }: Facts): Site['https']['guideline'] {
  return widestOf([aboutOf(config), ...others].flatMap(({ guideline }) => guideline ?? []));
}

/** Returns the names at whose addresses this host was found to answer, if that was checked. */
export function reachedNames({ https }: Site, { pointingNames }: Facts): { readonly reached?: readonly string[] } {
  const isChecked = https.certificate.kind === 'acme' || https.certificate.kind === 'own';
  return isChecked && pointingNames ? { reached: pointingNames } : {};
}

/** Returns a remark about a site's application, with its name if there are several sites. */
function named(remark: string, { domain }: Site, { sites }: Config): string {
  return sites.length > 1 ? `${domain}: ${remark}` : remark;
}
