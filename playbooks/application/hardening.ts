import { type Config, directory, type Facts, file, type Handler, type Resource, type Site, template } from '../../src/index.ts';
import { tasksOf } from '../database/sizes.ts';
import { logsOf, pathsOf } from './paths.ts';

/** Folders of people, which a service does not see. */
const homes = ['/home', '/root', '/run/user'] as const;

/** Whether a path is this folder or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`);
}

/** Whether a hardened service sees another `/tmp` there than the rest of the host, or nothing. */
export function isHidden(path: string): boolean {
  return ['/tmp', '/var/tmp', ...homes].some((folder) => isWithin(path, folder));
}

/** What the hardening of a service leaves open since the service's own configuration, which is its owner's, needs it. */
export interface Elsewhere {
  /** Folders and files outside of the package's own that it writes. */
  readonly written: readonly string[];
  /** What it reads of what is hidden. */
  readonly read?: readonly string[];
}

/** What a service of Debian's may see and do, beside its unit, as the template `rules` has it; nothing where the owner wants none of it. */
export function hardeningOf(
  unit: string,
  rules: string,
  { host }: Config,
  notify: Handler,
  { written, read = [] }: Elsewhere,
): readonly Resource[] {
  if (!host.hardening) return [];
  const folder = `/etc/systemd/system/${unit}.service.d`;
  const seen = [...written, ...read];
  const content = template(rules, {
    elsewhere: written.length === 0 ? '' : `# Where its own configuration has it write.\nReadWritePaths=${written.map(optional).join(' ')}`,
    home: seen.some((path) => homes.some((home) => isWithin(path, home))) ? 'read-only' : 'yes',
    tmp: seen.some((path) => isWithin(path, '/tmp') || isWithin(path, '/var/tmp')) ? 'no' : 'yes',
  });
  return [directory(folder), file(`${folder}/10-foobar-provision.conf`, { content, notify })];
}

/** A path as systemd.exec(5) reads it, which need not be there. */
function optional(path: string): string {
  return `"-${path.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
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

/** What a site has no business in. Nginx's logs tell of all sites' visitors, and the bus of the commands of all units. */
const hidden = [
  '/etc/foobar-provision/secrets',
  '/var/lib/foobar-provision',
  '/var/log/nginx',
  '/etc/nginx',
  '/etc/systemd/system',
  '/run/dbus',
];

/** The part of a site's own unit that says what it sees and may do: the master of its PHP, or a program that starts as the site's user. */
export function siteHardening(site: Site, config: Config, facts: Facts, program: keyof typeof programs): string {
  if (!config.host.hardening) return '';
  const { home, shared, sessions, releases } = pathsOf(site);
  const { why, capabilities, calls } = programs[program];
  const { writable } = site.php;
  const text = template('application/hardening.conf', {
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
    tasks: tasksOf(facts),
    // Exim delivers in a process of the sender's, as a root that gets at what belongs to Exim.
    capabilities: hasExim(config, facts) ? `${capabilities} CAP_DAC_OVERRIDE CAP_FOWNER` : capabilities,
    calls,
  });
  return `\n${text.trimEnd()}`;
}

/** The same as systemd-run(1) takes it, a property each, for what runs once: hooks and migrations. */
export function hardeningProperties(site: Site, config: Config, facts: Facts): readonly string[] {
  const text = siteHardening(site, config, facts, 'own');
  if (text === '') return [];
  return text.split('\n').filter((line) => /^[A-Za-z]+=/.test(line));
}

function hasExim(config: Config, facts: Facts): boolean {
  return facts.packages['exim4-base']?.installed !== undefined || config.packages.some((name) => name.startsWith('exim4'));
}
