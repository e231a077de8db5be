import { type Facts, Problem, type Site } from '../../src/index.ts';
import { type Elsewhere, isWithin } from '../host/hardening.ts';

/** The files with nginx directives that are not the owner's. */
export const nginxPaths = {
  shared: '/etc/nginx/conf.d/foobar-provision.conf',
  byDefault: '/etc/nginx/sites-enabled/foobar-default.conf',
  byDefaultTls: '/etc/nginx/sites-enabled/foobar-default-tls.conf',
  /** The package's default site, which we remove. */
  distributions: '/etc/nginx/sites-enabled/default',
} as const;

/** Throws a Problem if the host's nginx does not read the folders where Debian's nginx looks for sites, as with nginx.org's package. */
export function requireIncluded({ nginxMain }: Facts): void {
  if (!nginxMain) return;
  const { includes, user = 'www-data' } = nginxMain;
  const included = includes.map((path) => (path.startsWith('/') ? path : `/etc/nginx/${path}`));
  const missing = ['/etc/nginx/conf.d', '/etc/nginx/sites-enabled'].filter(
    (folder) => !included.some((path) => path === `${folder}/*` || path === `${folder}/*.conf`),
  );
  const faults = [
    ...(missing.length > 0
      ? [
          {
            message: `does not read ${missing.join(' and ')}, so it would not serve the site`,
            hint: `Add to the end of the http block of /etc/nginx/nginx.conf: ${missing.map((folder) => `include ${folder}/*.conf;`).join(' ')}`,
          },
        ]
      : []),
    ...(user === 'www-data'
      ? []
      : [
          {
            message: `runs as ${user}, but sites are readable to www-data, as Debian's Nginx runs`,
            hint: 'Set `user www-data;` in /etc/nginx/nginx.conf, and see that your own sites are readable to it.',
          },
        ]),
  ];
  if (faults.length > 0)
    throw new Problem({
      message: `The host's Nginx ${faults.map(({ message }) => message).join('; and it ')}.`,
      hint: `${faults.map(({ hint }) => hint).join(' ')} Then run again.`,
    });
}

/** Returns the owner's file with a default server for a socket of all addresses: `80`, `[::]:80`. */
export function ownersDefault(socket: string, facts: Facts, quic = false): string | undefined {
  return ownersOf(facts).find(
    ({ words: [directive, at = '', ...flags] }) =>
      directive === 'listen' &&
      [at, ...flags].some((word) => /^default(_server)?$/.test(word)) &&
      socketOf(at) === socket &&
      flags.includes('quic') === quic,
  )?.file;
}

/** Returns the names of a site that the owner's nginx already serves, each with its file. */
export function ownersNames(site: Site, facts: Facts): readonly { readonly name: string; readonly file: string }[] {
  return ownersOf(facts).flatMap(({ file, words: [directive, ...names] }) =>
    directive === 'server_name' && file !== `/etc/nginx/sites-enabled/${site.domain}.conf`
      ? names.flatMap((name) => (site.names.includes(name) ? [{ name, file }] : []))
      : [],
  );
}

/**
 * Returns the addresses to which the owner has bound a server of this port. For a request to such an address, nginx considers only servers
 * that are bound to it, so ours has to be bound to it too.
 */
export function ownersAddresses(port: number, facts: Facts): readonly string[] {
  const sockets = ownersOf(facts).flatMap(({ words: [directive, at = '', ...flags] }) => {
    if (directive !== 'listen' || flags.includes('quic') || !/^(\d+\.|\[)/.test(at)) return [];
    const socket = /^(\[.*\]|[^[:]+)$/.test(at) ? `${at}:80` : at;
    return socket.endsWith(`:${port}`) && !/^(0\.0\.0\.0|\[::\]):/.test(socket) ? [socket] : [];
  });
  return [...new Set(sockets)];
}

/**
 * Returns whether nginx listens on a port only at addresses of the owner's servers. It could listen at all addresses (`80`, `[::]:80`) only
 * after a restart, because the kernel refuses that beside a socket for one address.
 */
export function isTakenByAddresses(socket: string, facts: Facts): boolean {
  const [, family = '', port = ''] = /^(\[::\]:)?(\d+)$/.exec(socket) ?? [];
  return ownersAddresses(Number(port), facts).some(
    (address) => address.startsWith('[') === (family !== '') && facts.nginxOnlyAt?.includes(address) === true,
  );
}

/** Returns whether the host has sites of others, or settings that Nginx allows only once and that would change how they are served. */
export function hasOthers(facts: Facts): boolean {
  return ownersOf(facts).some(({ words: [directive = ''] }) => !/^(include|user|variables_hash_.*)$/.test(directive));
}

/** Returns whether the owner has set this directive, which nginx allows only once. */
export function isSetByOwner(directive: string, facts: Facts): boolean {
  return ownersOf(facts).some(({ words }) => words[0] === directive);
}

/**
 * Returns the paths that the owner's sites read although they would be hidden from a hardened nginx, and the additional ones that they
 * write.
 */
export function nginxElsewhere({ nginxPaths: paths }: Facts): Elsewhere {
  const packaged = ['/run', '/var/lib/nginx', '/var/log/nginx', '/var/cache/nginx', '/dev'];
  const written = (paths?.written ?? []).filter((path) => !packaged.some((folder) => isWithin(path, folder)));
  return { written, read: paths?.named ?? [] };
}

function ownersOf({ nginx = [] }: Facts) {
  const notTheirs: readonly string[] = Object.values(nginxPaths);
  return nginx.filter(({ file }) => !notTheirs.includes(file));
}

/** Returns the socket of an address: `*:80` and `0.0.0.0:80` are `80`, and the default port is 80. */
function socketOf(address: string): string {
  if (/^(default|default_server|\*|0\.0\.0\.0)$/.test(address)) return '80';
  return address === '[::]' ? '[::]:80' : address.replace(/^(\*|0\.0\.0\.0):/, '');
}
