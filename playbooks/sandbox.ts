import { type Config, directory, type Facts, file, type Handler, type Resource, type Site, template } from '../src/index.ts';
import { logsOf, pathsOf } from './paths.ts';

/** What a service of Debian's may see and do, beside its unit; nothing where the owner wants none of it. */
export function sandboxOf(unit: string, name: 'nginx' | 'database', { host }: Config, notify: Handler): readonly Resource[] {
  if (!host.sandbox) return [];
  const folder = `/etc/systemd/system/${unit}.service.d`;
  return [directory(folder), file(`${folder}/10-foobar-provision.conf`, { content: template(`sandbox/${name}.conf`), notify })];
}

const programs = {
  php: {
    why: "# The master makes the socket and the logs and gives its workers to the site's user; it looks into one that is slow (ptrace).",
    capabilities: 'CAP_SETUID CAP_SETGID CAP_CHOWN CAP_KILL CAP_SYS_PTRACE',
    calls: ' ptrace',
  },
  own: {
    why: "# It starts as the site's user, who has none of these: they are for a mail program.",
    capabilities: 'CAP_SETUID CAP_SETGID CAP_CHOWN',
    calls: '',
  },
} as const;

/** What a site has no business in. Nginx's logs tell of all sites' visitors. */
const hidden = ['/etc/foobar-provision/secrets', '/var/lib/foobar-provision', '/var/log/nginx'];

/** The part of a site's own unit that says what it sees and may do: the master of its PHP, or a program that starts as the site's user. */
export function siteSandbox(site: Site, config: Config, facts: Facts, program: keyof typeof programs): string {
  if (!config.host.sandbox) return '';
  const { home, shared, sessions, releases } = pathsOf(site);
  const { why, capabilities, calls } = programs[program];
  const { writable } = site.php;
  const text = template('sandbox/site.conf', {
    home,
    // In a release only the folders that it is to write are not root's.
    writable: [
      shared,
      sessions,
      logsOf(site),
      ...(site.app.writable.length > 0 ? [releases] : []),
      ...(program === 'php' ? ['/var/log/php'] : []),
      ...writable,
    ].join(' '),
    hidden: hidden.flatMap((path) => (writable.some((other) => `${other}/`.startsWith(`${path}/`)) ? [] : [`-${path}`])).join(' '),
    why,
    // Exim delivers in a process of the sender's, as a root that gets at what belongs to Exim.
    capabilities: hasExim(config, facts) ? `${capabilities} CAP_DAC_OVERRIDE CAP_FOWNER` : capabilities,
    calls,
  });
  return `\n${text.trimEnd()}`;
}

/** The same as systemd-run(1) takes it, a property each, for what runs once: hooks and migrations. */
export function sandboxProperties(site: Site, config: Config, facts: Facts): readonly string[] {
  const text = siteSandbox(site, config, facts, 'own');
  if (text === '') return [];
  return text.split('\n').filter((line) => /^[A-Za-z]+=/.test(line));
}

function hasExim(config: Config, facts: Facts): boolean {
  return facts.packages['exim4-base']?.installed !== undefined || config.packages.some((name) => name.startsWith('exim4'));
}
