import { exitCode, Problem } from '../error.ts';
import { databaseOf } from './database.ts';
import type { Facts, NginxDirective, OfferedPackage } from './facts.ts';
import { nginxPathsOf } from './nginx.ts';
import { firewallOf, sshOf, unknownLogin } from './ssh.ts';

export interface FactsReading {
  readonly facts: Facts;
  /** The folder of freshly fetched package lists. */
  readonly lists?: string;
  /** What apt said while it fetched them, where it said anything. */
  readonly listsTrouble?: string;
  /** Kilobytes free by file system, each named by where it is mounted. */
  readonly space: ReadonlyMap<string, number>;
  /** Files that each of these still has room for; those are missing that have no such limit. */
  readonly inodes: ReadonlyMap<string, number>;
  /** Folders that the run has to write to and cannot. */
  readonly readOnly: readonly string[];
  /** Why the host's nginx would not start or reload with the configuration that it has, in its own words, with the file and the line. */
  readonly refusal?: string;
  /** Who listens on each TCP port, the database's where every address or loopback is meant: `apache2 (pid 123)`. */
  readonly occupants: ReadonlyMap<number, string>;
}

/** Understands what `factsScript` printed. A host that is not of Debian's family is a Problem: nothing of ours would be true there. */
export function parseFacts(output: string, login = unknownLogin): FactsReading {
  const sections = sectionsOf(output, '#facts');
  const release = Object.fromEntries(
    (sections.get('release') ?? '').split('\n').flatMap((line) => {
      const match = /^([A-Z_]+)="?(.*?)"?$/.exec(line);
      return match?.[1] ? [[match[1], match[2] ?? '']] : [];
    }),
  );
  const [architecture = '', processors = '', hostname = ''] = (sections.get('host') ?? '').split('\n');
  const kin = family(release);
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
  const nginx = nginxOf(sections.get('nginx') ?? '');
  const nginxPaths = nginxPathsOf(sections.get('nginx-paths'));
  const database = databaseOf(sections.get('database'));
  return {
    facts: {
      ...kin,
      title: release.PRETTY_NAME ?? '',
      architecture,
      processors: Number(processors),
      memory,
      addresses: addressesOf(sections.get('addresses') ?? ''),
      hostname,
      ipv6: traits.includes('ipv6'),
      container: traits.includes('container'),
      ssh: sshOf(sections.get('ssh') ?? '', sections.get('keys') ?? '', login),
      ...(firewall && { firewall }),
      packages: offered,
      ...(nginx.length > 0 && { nginx }),
      ...(nginxPaths && { nginxPaths }),
      ...(database && { database }),
    },
    ...(lists && { lists }),
    ...(trouble && { listsTrouble: trouble }),
    space: freeOf(sections.get('space') ?? ''),
    inodes: freeOf(sections.get('inodes') ?? ''),
    readOnly: (sections.get('readonly') ?? '').split('\n').filter(Boolean),
    ...(refusal && { refusal }),
    occupants: occupantsOf(sections.get('listeners') ?? ''),
  };
}

/** Splits output that `section`-like lines (`<mark> <name>`) divide. */
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
      hint: 'Use a host with Debian 12 or later, or Ubuntu 22.04 or later. Nothing was changed.',
      exit: exitCode.failed,
    });
  if (id !== 'debian' && id !== 'ubuntu') throw unsupported('is not based on Debian');
  if (id === 'debian' && version !== 'sid' && !(Number(version) >= 12)) throw unsupported('is older than Debian 12');
  if (id === 'ubuntu' && !(Number(version) >= 22.04)) throw unsupported('is older than Ubuntu 22.04');
  return { distribution: id, version };
}

function withoutSystemd(): Problem {
  return new Problem({
    message: 'The host does not run systemd.',
    hint: 'Services are systemd units, so systemd must be process 1. A container image without an init system does not work. Nothing was changed.',
  });
}

function withoutSpace(): Problem {
  return new Problem({
    message: 'The host has no space left in /var/tmp, not even for its lists of packages.',
    hint: 'Make room there (`df -h` shows where it went; `apt-get clean` and `journalctl --vacuum-size=50M` often help), then run again. Nothing was changed.',
  });
}

/** Seconds by which clocks may differ before package lists are refused for it, and a person should know. */
const clockTolerance = 300;

function withoutLists(trouble: string, clock: number): Problem {
  const skew = Math.round(clock - Date.now() / 1000);
  const off = Math.abs(skew) > clockTolerance;
  return new Problem({
    message: off
      ? `The host could not fetch its package lists, and its clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead' : 'behind'}.`
      : 'The host could not fetch its package lists.',
    stderr: trouble.split('\n').slice(-6).join('\n'),
    hint: `${off ? 'Set its clock (`timedatectl set-ntp true`), because package lists expire, then' : 'See on the host whether it reaches the mirrors in /etc/apt/sources.list.d (`apt-get update`), then'} run again. Nothing was changed.`,
  });
}

/** From lines of ss(8), of which the fourth word is the address: `users:(("apache2",pid=123,fd=4))`. The database wants all addresses, or loopback. */
function occupantsOf(listeners: string): ReadonlyMap<number, string> {
  return new Map(
    listeners.split('\n').flatMap((line): [number, string][] => {
      const [, address = '', port = ''] = /^\S+\s+\S+\s+\S+\s+(\S+):(\d+)\s/.exec(line) ?? [];
      if (port === '' || (port === '3306' && !/^(\*|0\.0\.0\.0|127\.|\[::1?\])/.test(address))) return [];
      const [, name = 'another program', pid] = /\(\("([^"]+)",pid=(\d+)/.exec(line) ?? [];
      return [[Number(port), pid ? `${name} (pid ${pid})` : name]];
    }),
  );
}

/** From directives, each with its file before it. */
function nginxOf(text: string): readonly NginxDirective[] {
  return text.split('\n').flatMap((line) => {
    const [, file = '', directives = ''] = /^([^:]+):([^#]*)/.exec(line) ?? [];
    return directives.split(/[;{}]/).flatMap((directive): NginxDirective[] => {
      const words = directive.trim().split(/\s+/);
      const [name, at = ''] = words;
      const narrows = name === 'listen' && (words.some((word) => /^default(_server)?$/.test(word)) || /^(\d+\.|\[)/.test(at));
      return narrows || name === 'server_name' || name === 'server_names_hash_bucket_size' ? [{ file, words }] : [];
    });
  });
}

/** Every size in the host's configuration follows from these, so none is guessed. */
function unmeasured(): Problem {
  return new Problem({
    message: 'The host does not say how many processors or how much memory it has.',
    hint: 'Log in by hand and see what `nproc` and `grep MemTotal /proc/meminfo` print. Nothing was changed.',
  });
}

/** The smaller of the machine's memory and the limit of its control group. */
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

/** From lines of df(1), which has a `-` for a use of nothing. */
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
