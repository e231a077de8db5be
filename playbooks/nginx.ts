import {
  type Checker,
  definePlaybook,
  directory,
  type Facts,
  file,
  packages,
  reload,
  service,
  sh,
  symlink,
  template,
} from '../src/index.ts';
import { pathsOf } from './paths.ts';
import { limits } from './php.ts';
import { runtimes } from './runtimes.ts';

const checker: Checker = { name: 'nginx -t', roots: ['/etc/nginx'], command: sh`nginx -t -q` };
const notify = reload('nginx', checker);

/** Nginx: files itself, everything else to PHP; names that no site here has get no answer. */
export default definePlaybook({
  name: 'nginx',

  resources: ({ site }, facts) => {
    const paths = pathsOf(site);
    const { before, locations, fallback } = runtimes[site.app.runtime]?.nginx(site) ?? { before: '', locations: '', fallback: '=404' };
    const available = `/etc/nginx/sites-available/${site.domain}.conf`;
    const vhost = template('nginx/site.conf', {
      domain: site.domain,
      names: site.names.join(' '),
      listen: listen(facts),
      root: paths.docroot,
      own: paths.own,
      body: limits.body,
      static: paths.proof,
      fallback,
      uploads: uploads(site.app.shared, site.app.source.docroot),
      shared: before,
      application: locations,
    });
    return [
      ...packages('nginx'),
      directory('/etc/nginx/site.d'),
      directory(paths.own, { holds: 'data' }),
      file('/etc/nginx/conf.d/foobar-provision.conf', { content: template('nginx/http.conf'), notify }),
      file('/etc/nginx/sites-available/foobar-default.conf', {
        content: template('nginx/default.conf', { listen: listen(facts, ' default_server') }),
        notify,
      }),
      symlink('/etc/nginx/sites-enabled/foobar-default.conf', { to: '../sites-available/foobar-default.conf', notify }),
      file(available, { content: vhost, notify }),
      symlink(`/etc/nginx/sites-enabled/${site.domain}.conf`, { to: `../sites-available/${site.domain}.conf`, notify }),
      file.absent('/etc/nginx/sites-enabled/default', { broughtBy: 'nginx-common', notify }),
      directory(paths.proof),
      directory(`${paths.proof}/.well-known`),
      file(`${paths.proof}/.well-known/foobar-provision`, { content: `nginx serves ${site.domain}` }),
      service('nginx', { running: true, enabled: true }),
    ];
  },

  health: ({ site }) => {
    const [host] = site.names;
    return [
      { kind: 'dns', hop: 'dns', names: site.names, required: false },
      { kind: 'tcp', hop: 'tcp', port: 80, log: sh`systemctl status --no-pager -n 10 nginx` },
      {
        kind: 'http',
        hop: 'nginx',
        port: 80,
        host: host ?? site.domain,
        path: '/.well-known/foobar-provision',
        status: 200,
        contains: `nginx serves ${site.domain}`,
        log: sh`tail -n 10 /var/log/nginx/error.log ${`/var/log/nginx/${site.domain}.error.log`} 2>/dev/null`,
      },
    ];
  },
});

function listen({ ipv6 }: Facts, flags = ''): string {
  return [`    listen 80${flags};`, ...(ipv6 ? [`    listen [::]:80${flags};`] : [])].join('\n');
}

/** The folders that visitors fill, as a pattern of paths below the docroot; the usual ones always count. */
function uploads(shared: readonly string[], docroot: string): string {
  const inside = shared.flatMap((path) =>
    docroot === '.' ? [path] : path.startsWith(`${docroot}/`) ? [path.slice(docroot.length + 1)] : [],
  );
  const usual = ['files', 'storage', 'uploads', 'wp-content/uploads'];
  return [...new Set([...usual, ...inside])].map((path) => path.replaceAll(/[^A-Za-z0-9/_-]/g, '.')).join('|');
}
