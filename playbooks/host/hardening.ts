import {
  type Config,
  directory,
  type Facts,
  file,
  type Handler,
  type Resource,
  type Scope,
  secretsFolder,
  template,
} from '../../src/index.ts';
import { pathsOf } from './paths.ts';
import { tasksOf } from './sizes.ts';

/** Home folders and the like, which services cannot see. */
const homes = ['/home', '/root', '/run/user'] as const;

/** Returns whether a path is this folder or is below it. */
export function isWithin(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`);
}

/** Returns whether a hardened service cannot see the host's contents of a path: it has its own `/tmp`, and no home folders. */
export function isHidden(path: string): boolean {
  return ['/tmp', '/var/tmp', ...homes].some((folder) => isWithin(path, folder));
}

/** Paths that the hardening of a service leaves accessible, because the owner's configuration of that service uses them. */
export interface Elsewhere {
  /** Folders and files outside the package's own that it writes. */
  readonly written: readonly string[];
  /** Paths that it reads although they would be hidden. */
  readonly read?: readonly string[];
}

/**
 * Returns a drop-in for one of Debian's services that limits what it can see and do, from the template `rules`. Returns nothing if
 * hardening is off.
 */
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

/** Returns a path in the notation of systemd.exec(5) for a path that may be missing. */
function optional(path: string): string {
  return `"-${path.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

/** The permissions of one program of a site. */
export interface Program {
  /** A comment that says why it needs its capabilities. */
  readonly why: string;
  readonly capabilities: string;
  /** System calls in addition to those of an ordinary service, each preceded by a space. */
  readonly calls: string;
  /** Folders that it writes, in addition to the site's own. */
  readonly written: readonly string[];
}

const ofTheSite: Program = {
  why: "# It starts as the site's user, who has none of these: they are for a mail program.",
  capabilities: 'CAP_SETUID CAP_SETGID CAP_CHOWN',
  calls: '',
  written: [],
};

/** Paths that a site has no need to see. Nginx's logs contain all sites' visitors, and the bus the commands of all units. */
const hidden = [secretsFolder, '/var/lib/foobar-provision', '/var/log/nginx', '/etc/nginx', '/etc/systemd/system', '/run/dbus'];

/**
 * Returns the part of a site's unit that limits what it can see and do. It may write `folders`, which are its runtime's. The default
 * program starts as the site's user.
 */
export function siteHardening({ site, config }: Scope, facts: Facts, folders: readonly string[], program = ofTheSite): string {
  if (!config.host.hardening) return '';
  const { shared } = pathsOf(site);
  const { why, capabilities, calls, written } = program;
  const { elsewhere } = site.app;
  const text = template('application/hardening.conf', {
    writable: [shared, ...folders, ...written, ...elsewhere].join(' '),
    hidden: hidden.flatMap((path) => (elsewhere.some((other) => `${other}/`.startsWith(`${path}/`)) ? [] : [`-${path}`])).join(' '),
    why,
    tasks: tasksOf(facts),
    // Exim delivers in a child process of the sender, as root, and accesses files that belong to Exim.
    capabilities: hasExim(config, facts) ? `${capabilities} CAP_DAC_OVERRIDE CAP_FOWNER` : capabilities,
    calls,
  });
  return `\n${text.trimEnd()}`;
}

/** Returns the same as properties for systemd-run(1), for what runs once: hooks and migrations. */
export function hardeningProperties(scope: Scope, facts: Facts, folders: readonly string[]): readonly string[] {
  const text = siteHardening(scope, facts, folders);
  if (text === '') return [];
  return text.split('\n').filter((line) => /^[A-Za-z]+=/.test(line));
}

function hasExim(config: Config, facts: Facts): boolean {
  return facts.packages['exim4-base']?.installed !== undefined || config.packages.some((name) => name.startsWith('exim4'));
}
