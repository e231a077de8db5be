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

/** What one program of a site is let do. */
export interface Program {
  /** A comment: what its capabilities are for. */
  readonly why: string;
  readonly capabilities: string;
  /** System calls besides those of an ordinary service, each after a space. */
  readonly calls: string;
  /** Folders that it writes besides the site's own. */
  readonly written: readonly string[];
}

const ofTheSite: Program = {
  why: "# It starts as the site's user, who has none of these: they are for a mail program.",
  capabilities: 'CAP_SETUID CAP_SETGID CAP_CHOWN',
  calls: '',
  written: [],
};

/** What a site has no business in. Nginx's logs tell of all sites' visitors, and the bus of the commands of all units. */
const hidden = [secretsFolder, '/var/lib/foobar-provision', '/var/log/nginx', '/etc/nginx', '/etc/systemd/system', '/run/dbus'];

/**
 * The part of a site's own unit that says what it sees and may do. `folders` are its runtime's, which it may write; the program is one that
 * starts as the site's user where none is given.
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
    // Exim delivers in a process of the sender's, as a root that gets at what belongs to Exim.
    capabilities: hasExim(config, facts) ? `${capabilities} CAP_DAC_OVERRIDE CAP_FOWNER` : capabilities,
    calls,
  });
  return `\n${text.trimEnd()}`;
}

/** The same as systemd-run(1) takes it, a property each, for what runs once: hooks and migrations. */
export function hardeningProperties(scope: Scope, facts: Facts, folders: readonly string[]): readonly string[] {
  const text = siteHardening(scope, facts, folders);
  if (text === '') return [];
  return text.split('\n').filter((line) => /^[A-Za-z]+=/.test(line));
}

function hasExim(config: Config, facts: Facts): boolean {
  return facts.packages['exim4-base']?.installed !== undefined || config.packages.some((name) => name.startsWith('exim4'));
}
