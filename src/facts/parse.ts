import { exitCode, Problem } from '../error.ts';
import { databaseOf } from './database.ts';
import type { Facts, NginxDirective, NginxMain, OfferedPackage } from './facts.ts';
import { nginxPathsOf } from './nginx.ts';
import { firewallOf, sshOf, unknownLogin } from './ssh.ts';

/** A listening TCP socket of the host. */
export interface Listener {
  readonly port: number;
  /** Whether it listens on all addresses or on loopback. */
  readonly reachesLoopback: boolean;
  /** The program: `apache2 (pid 123)`. */
  readonly program: string;
}

export interface FactsReading {
  readonly facts: Facts;
  /** The folder of freshly fetched package lists. */
  readonly lists?: string;
  /** apt's messages while fetching them, if there were any. */
  readonly listsTrouble?: string;
  /** The free space of each file system in kilobytes, by mount point. */
  readonly space: ReadonlyMap<string, number>;
  /** The number of files that each file system has room for, by mount point. File systems without a limit are missing. */
  readonly inodes: ReadonlyMap<string, number>;
  /** The folders that a run must write to but cannot. */
  readonly readOnly: readonly string[];
  /** nginx's error, with file and line, if it could not start or reload with its present configuration. */
  readonly refusal?: string;
  /** The listening TCP sockets. */
  readonly listeners: readonly Listener[];
}

/** Parses the output of `factsScript`. Throws a Problem if this program cannot provision the host, for example because it is not Debian or Ubuntu. */
export function parseFacts(output: string, login = unknownLogin): FactsReading {
  const sections = sectionsOf(output, '#facts');
  const release = Object.fromEntries(
    (sections.get('release') ?? '').split('\n').flatMap((line) => {
      const match = /^([A-Z_]+)="?(.*?)"?$/.exec(line);
      return match?.[1] ? [[match[1], match[2] ?? '']] : [];
    }),
  );
  const [architecture = '', processors = '', hostname = ''] = (sections.get('host') ?? '').split('\n');
  const distribution = family(release);
  const traits = (sections.get('traits') ?? '').split('\n');
  if (!traits.includes('systemd')) throw withoutSystemd();
  const memory = memoryOf(sections.get('memory') ?? '');
  if (!/^[1-9]\d{0,4}$/.test(processors) || !(memory > 0)) throw unmeasured();
  const trouble = sections.get('update');
  if (trouble === 'no space') throw withoutSpace();
  const lists = sections.get('lists');
  const offered = packagesOf(sections.get('installed') ?? '', sections.get('candidates') ?? '');
  if (trouble && sections.has('candidates') && !Object.values(offered).some(({ candidate }) => candidate))
    throw withoutLists(trouble, Number(sections.get('clock')));
  const firewall = firewallOf(sections.get('firewall') ?? '');
  const refusal = sections.get('refusal')?.trim();
  const nginxMain = nginxMainOf(sections.get('nginx') ?? '');
  const nginx = nginxOf(sections.get('nginx') ?? '');
  const nginxPaths = nginxPathsOf(sections.get('nginx-paths'));
  const database = databaseOf(sections.get('database'));
  const nginxOnlyAt = nginxOnlyAtOf(sections.get('listeners') ?? '');
  return {
    facts: {
      ...distribution,
      title: release.PRETTY_NAME ?? '',
      architecture,
      processors: Number(processors),
      memory,
      addresses: addressesOf(sections.get('addresses') ?? ''),
      hostname,
      ipv6: traits.includes('ipv6'),
      container: traits.includes('container'),
      ...(traits.includes('policy-routing') && { policyRouting: true }),
      ...(traits.includes('azure') && { azure: true }),
      ...(traits.includes('nginx-hardened') && { nginxHardened: true }),
      ssh: sshOf(sections.get('ssh') ?? '', sections.get('keys') ?? '', login),
      ...(firewall && { firewall }),
      packages: offered,
      ...(nginx.length > 0 && { nginx }),
      ...(nginxMain && { nginxMain }),
      ...(nginxPaths && { nginxPaths }),
      ...(nginxOnlyAt.length > 0 && { nginxOnlyAt }),
      ...(database && { database }),
    },
    ...(lists && { lists }),
    ...(trouble && { listsTrouble: trouble }),
    space: freeOf(sections.get('space') ?? ''),
    inodes: freeOf(sections.get('inodes') ?? ''),
    readOnly: (sections.get('readonly') ?? '').split('\n').filter(Boolean),
    ...(refusal && { refusal }),
    listeners: listenersOf(sections.get('listeners') ?? ''),
  };
}

/** Splits output into sections, which begin with lines of the form `<mark> <name>`. */
export function sectionsOf(output: string, mark: string): ReadonlyMap<string, string> {
  const [, ...parts] = `\n${output}`.split(`\n${mark} `);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return end < 0 ? [part.trim(), ''] : [part.slice(0, end).trim(), part.slice(end + 1).replace(/\n+$/, '')];
    }),
  );
}

function family(release: Readonly<Record<string, string>>): Pick<Facts, 'distribution' | 'version'> {
  const id = release.ID ?? '';
  const version = release.VERSION_ID || 'sid';
  const unsupported = (why: string) =>
    new Problem({
      message: `${release.PRETTY_NAME || 'This system'} ${why}.`,
      hint: 'Use a host with Debian 12 or later, or Ubuntu 22.04 or later.',
      exit: exitCode.failed,
    });
  if (id !== 'debian' && id !== 'ubuntu') throw unsupported('is neither Debian nor Ubuntu');
  if (id === 'debian' && version !== 'sid' && !(Number(version) >= 12)) throw unsupported('is older than Debian 12');
  if (id === 'ubuntu' && !(Number(version) >= 22.04)) throw unsupported('is older than Ubuntu 22.04');
  return { distribution: id, version };
}

function withoutSystemd(): Problem {
  return new Problem({
    message: 'The host does not run systemd.',
    hint: 'Services are systemd units, so systemd must be process 1. A container image without an init system does not work.',
  });
}

function withoutSpace(): Problem {
  return new Problem({
    message: 'The host has no space left in /var/tmp, not even for its lists of packages.',
    hint: 'Make room there (`df -h` shows where it went; `apt-get clean` and `journalctl --vacuum-size=50M` often help), then run again.',
  });
}

/** If the clocks differ by more than this many seconds, apt may refuse package lists, so the user should know. */
const clockTolerance = 300;

function withoutLists(trouble: string, clock: number): Problem {
  const skew = Math.round(clock - Date.now() / 1000);
  const off = Math.abs(skew) > clockTolerance;
  return new Problem({
    message: off
      ? `The host could not fetch its package lists, and its clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead' : 'behind'}.`
      : 'The host could not fetch its package lists.',
    stderr: trouble.split('\n').slice(-6).join('\n'),
    hint: `${off ? 'Set its clock (`timedatectl set-ntp true`), because package lists expire, then' : 'See on the host whether it reaches the mirrors in /etc/apt/sources.list.d (`apt-get update`), then'} run again.`,
  });
}

/** Parses lines of ss(8), whose fourth word is the address: `users:(("apache2",pid=123,fd=4))`. */
function listenersOf(text: string): readonly Listener[] {
  return text.split('\n').flatMap((line): readonly Listener[] => {
    const [, address = '', port = ''] = /^\S+\s+\S+\s+\S+\s+(\S+):(\d+)\s/.exec(line) ?? [];
    if (port === '') return [];
    const [, name = 'another program', pid] = /\(\("([^"]+)",pid=(\d+)/.exec(line) ?? [];
    const reachesLoopback = /^(\*|0\.0\.0\.0|127\.|\[::1?\])/.test(address);
    return [{ port: Number(port), reachesLoopback, program: pid ? `${name} (pid ${pid})` : name }];
  });
}

/** Returns the addresses and ports of nginx's sockets, except for ports on which it listens on all addresses of the family. `*` is both families. */
function nginxOnlyAtOf(listeners: string): readonly string[] {
  const sockets = listeners.split('\n').flatMap((line) => {
    const [, address = '', port = ''] = /^\S+\s+\S+\s+\S+\s+(\S+):(\d+)\s.*\("nginx",/.exec(line) ?? [];
    return port === '' ? [] : [{ address, port, isIpv6: address.startsWith('[') }];
  });
  return sockets.flatMap(({ address, port, isIpv6 }) => {
    const isForAll = sockets.some((other) => other.port === port && [isIpv6 ? '[::]' : '0.0.0.0', '*'].includes(other.address));
    return isForAll ? [] : [`${address}:${port}`];
  });
}

/** Parses directives, each after the name of its file. */
function directivesIn(text: string): readonly NginxDirective[] {
  return text.split('\n').flatMap((line) => {
    const [, file = '', directives = ''] = /^([^:]+):([^#]*)/.exec(line) ?? [];
    return directives.split(/[;{}]/).map((directive) => ({ file, words: directive.trim().split(/\s+/) }));
  });
}

/** Returns the directives of sites, and of settings that sites share. */
function nginxOf(text: string): readonly NginxDirective[] {
  return directivesIn(text).filter(({ words: [name = ''] }) => !['', 'include', 'user'].includes(name));
}

/**
 * Returns nginx's main settings, or undefined if there is no nginx.conf. Every nginx.conf includes something, such as the types of files.
 */
function nginxMainOf(text: string): NginxMain | undefined {
  const all = directivesIn(text);
  const includes = all.flatMap(({ words: [name, path] }) => (name === 'include' && path ? [path.replaceAll(/["']/g, '')] : []));
  const [user] = all.flatMap(({ words: [name, who] }) => (name === 'user' && who ? [who] : []));
  return includes.length === 0 ? undefined : { includes, ...(user && { user }) };
}

/** Returns the Problem of a host whose processors or memory are unknown. Every size in the host's configuration depends on them. */
function unmeasured(): Problem {
  return new Problem({
    message: 'The host does not say how many processors or how much memory it has.',
    hint: 'Log in by hand and see what `nproc` and `grep MemTotal /proc/meminfo` print.',
  });
}

/** Returns the smaller of the machine's memory and the limit of its control group. */
function memoryOf(text: string): number {
  const total = Number(/MemTotal:\s+(\d+)/.exec(text)?.[1] ?? 0) * 1024;
  const limits = text
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
  return Math.floor(Math.min(total, ...limits) / 2 ** 20);
}

function addressesOf(text: string): readonly string[] {
  const found = [...text.matchAll(/\binet6?\s+([0-9a-fA-F:.]+)/g)].map((match) => match[1] ?? '');
  return found.length > 0 ? found : text.split(/\s+/).filter(Boolean);
}

/** Parses lines of df(1). Leaves out those with an unknown usage, for which df prints `-`. */
function freeOf(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split('\n').flatMap((line): [string, number][] => {
      const match = /\s(\d+)\s+\d+%\s+(\/.*)$/.exec(line);
      return match?.[2] ? [[match[2], Number(match[1])]] : [];
    }),
  );
}

function packagesOf(installed: string, candidates: string): Record<string, OfferedPackage> {
  const packages: Record<string, OfferedPackage> = {};
  for (const line of installed.split('\n')) {
    const [name, , version] = line.split(' ');
    if (name && version) packages[name] = { installed: version };
  }
  for (const part of candidates.split(/\n(?=\S)/)) {
    const name = /^(\S+):$/m.exec(part)?.[1];
    const candidate = /Candidate: (\S+)/.exec(part)?.[1];
    if (name && candidate && candidate !== '(none)') packages[name] = { candidate };
  }
  return packages;
}
