import { atOnce, quote } from '../command/command.ts';
import { exitCode, Problem } from '../error.ts';
import type { Login } from '../transport/transport.ts';
import { firewallOf, sshOf, unknownLogin } from './access-facts.ts';

export interface OfferedPackage {
  readonly installed?: string;
  /** What the package manager would install now. */
  readonly candidate?: string;
}

/** What is true of a host and does not change under a run. */
export interface Facts {
  readonly distribution: 'debian' | 'ubuntu';
  /** `12`, `13`, `24.04`; `sid` where the release has no number. */
  readonly version: string;
  /** As the distribution calls itself: `Debian GNU/Linux 13 (trixie)`. */
  readonly title: string;
  readonly architecture: string;
  readonly processors: number;
  /** MiB of memory, as the host may use it. */
  readonly memory: number;
  /** The host's own addresses, loopback and link-local left out. */
  readonly addresses: readonly string[];
  readonly hostname: string;
  /** The kernel speaks IPv6. */
  readonly ipv6: boolean;
  /** A container, whose kernel, clock and swap are another's. */
  readonly container: boolean;
  readonly ssh: SshFacts;
  /** Who else filters packets on this host: `ufw`, `docker.service`, `rules in the table ip filter`; left out where nobody does, or we do. */
  readonly firewall?: string;
  readonly packages: Readonly<Record<string, OfferedPackage>>;
  /** The names of sites that lead to this host from outside, as DNS has it; undefined where that was not asked or could not be told. */
  readonly leading?: readonly string[];
  /** What the owner of the host's nginx says that leaves less for others: a socket's `default_server`, an address of its own, the room for names. Left out where nothing is said. */
  readonly nginx?: readonly NginxDirective[];
}

/** A directive of the host's nginx. */
export interface NginxDirective {
  /** Where it stands: `/etc/nginx/sites-enabled/own.conf`. */
  readonly file: string;
  /** Its words: `['listen', '80', 'default_server']`. */
  readonly words: readonly string[];
}

/** The way in. */
export interface SshFacts {
  /** Ports on which the host lets in by SSH, in order: sshd's, or those of the socket that starts it. */
  readonly ports: readonly number[];
  /** The host's own keys, by type (`ssh-rsa`), with their bits. */
  readonly hostKeys: Readonly<Record<string, number>>;
  readonly login: Login;
}

/** The version of a package on this host: the installed one, or the one that would be. */
export function versionOf(facts: Facts, name: string): string | undefined {
  return facts.packages[name]?.installed ?? facts.packages[name]?.candidate;
}

/** Package lists older than this are fetched again before they are asked, in hours. */
const listsAgeHours = 24;

/** Seconds that their lists may take by a slow line. A mirror that says nothing is given up much sooner. */
const listsSeconds = 900;

/** Kilobytes that Debian's lists and what apt works out from them take: 91 and 47 MB, and a reserve. */
const listsSpace = 200_000;

/** What the facts are asked of packages. */
export interface AskedPackages {
  /** Those whose versions count, installed or not. */
  readonly packages: readonly string[];
  /** Groups of those of which one is enough. */
  readonly oneOf?: readonly (readonly string[])[];
  /** Those of which only what is installed counts. */
  readonly presence?: readonly string[];
}

/**
 * Reads the facts, and keeps nothing on the host but, where its package lists are empty or old, fresh ones in a private folder
 * whose path is printed; whoever asked removes it or has the run put it in place.
 * What is installed is not looked up again, and what only counts where it is installed is not looked up at all.
 */
export function factsScript(asked: AskedPackages): string {
  const sections = `section() { printf '\\n%s %s\\n' '#facts' "$1"; }`;
  return `${sections}\n${atOnce([packagesScript(asked), accessScript, hostScript])}\n`;
}

const hostScript = `section release; cat /etc/os-release
section host; uname -m; nproc; cat /proc/sys/kernel/hostname
section memory; grep MemTotal /proc/meminfo; cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null
section traits
[ ! -e /proc/net/if_inet6 ] || echo ipv6
! systemd-detect-virt --quiet --container 2>/dev/null || echo container
[ ! -d /run/systemd/system ] || echo systemd
section addresses; ip -o addr show scope global 2>/dev/null || hostname -I
section space; df -Pk / /usr /var /var/cache /var/lib /var/tmp /srv 2>/dev/null
section readonly; for path in /etc /usr /var/lib /srv; do [ -w "$path" ] || printf '%s\\n' "$path"; done
section clock; date +%s
[ ! -d /etc/nginx ] || { section nginx; grep -LsZ 'Written by foobar-provision' /etc/nginx/nginx.conf /etc/nginx/conf.d/*.conf /etc/nginx/sites-enabled/* | xargs -0r grep -sHE '^[^#]*((default|default_server|server_names_hash_bucket_size)[ ;]|listen[[:space:]]+([0-9]+[.]|[[]))'; }
[ -e /var/lib/dpkg/info/nginx.list ] || { section listeners; ss -Hltnp 'sport = :80' 2>/dev/null; }`;

const accessScript = `section ssh; ss -Hltnp 2>/dev/null | grep -E '"(sshd|dropbear)"'; systemctl show --property=ActiveState,Listen ssh.socket 2>/dev/null; printf 'Connection=%s\\n' "\${SSH_CONNECTION:-}"
section keys; cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null
section firewall
! grep -qs foobar_provision /etc/nftables.conf || echo ours
! grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf || echo ufw
systemctl list-units --plain --no-legend --state=active firewalld.service docker.service shorewall.service netfilter-persistent.service 2>/dev/null | cut -d ' ' -f 1
! command -v nft >/dev/null || nft -st list ruleset 2>/dev/null | awk '/^table/ { table = "rules in the table " $2 " " $3 } /^\t\t/ && !/^\t\ttype / { print table }' | sort -u
! command -v iptables >/dev/null || ! iptables -S 2>/dev/null | grep -q '^-A' || echo 'rules of iptables'`;

function packagesScript({ packages, oneOf = [], presence = [] }: AskedPackages): string {
  return `command -v dpkg-query >/dev/null || exit 0
section installed
wanted=${quote(packages.join(' '))}
installed=$(dpkg-query -W -f '\${Package} \${db:Status-Status} \${Version}\\n' $wanted${presence.map((name) => ` ${quote(name)}`).join('')} 2>/dev/null | grep ' installed ')
printf '%s\\n' "$installed"
missing=
for name in $wanted; do case "
$installed" in *"
$name installed "*) ;; *) missing="$missing $name" ;; esac; done
${oneOf.map((group) => settled(group)).join('\n')}
[ -n "$missing" ] || exit 0
lists=/var/lib/apt/lists options='-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='
# Without its cache apt takes a second, and with one that is out of date it would write another. How apt behaves is no part of what it keeps.
[ -n "$(find $lists /var/lib/dpkg/status /etc/apt ! -path /etc/apt ! -path '/etc/apt/apt.conf.d*' -newer /var/cache/apt/pkgcache.bin 2>&1 | head -n 1)" ] || options=
if [ -z "$(find $lists -maxdepth 1 -name '*Packages*' -mmin -${listsAgeHours * 60} 2>/dev/null | head -n 1)" ]; then
  for old in /var/tmp/foobar-provision-lists.*; do [ -d "$old" ] && find "$old" -maxdepth 0 -mmin +60 -exec rm -rf {} +; done
  section update
  # Where they do not fit, apt talks of anything but space.
  if [ "$(df -Pk /var/tmp | awk 'END { print $4 }')" -lt ${listsSpace} ]; then echo 'no space'; exit 0; fi
  lists=$(mktemp -d /var/tmp/foobar-provision-lists.XXXXXX) || { echo 'no space'; exit 0; }
  section lists; printf '%s\\n' "$lists"
  chmod 0755 "$lists"; mkdir -p "$lists/partial"
  section update; timeout ${listsSeconds} apt-get update -qq -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15 -o Acquire::Retries=0 -o Dir::State::lists="$lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= 2>&1
  # What apt works out from them is kept beside them: the next question is answered from it, and no trace stays.
  mkdir -p "$lists/cache"
  options="-o Dir::State::lists=$lists -o Dir::Cache::pkgcache=$lists/cache/pkgcache.bin -o Dir::Cache::srcpkgcache="
fi
section candidates; apt-cache policy $options $missing 2>/dev/null
`;
}

/** Of alternatives only the installed one counts, so the others are not looked up. */
function settled(group: readonly string[]): string {
  const has = group.map((name) => `*"\n${name} installed "*`).join('|');
  const drop = group.map((name) => `s/ ${name}\\( \\|$\\)/ /`).join(';');
  return `case "\n$installed" in ${has}) missing=$(printf '%s' "$missing" | sed -e '${drop}' -e '${drop}' -e 's/^ *$//') ;; esac`;
}

export interface FactsReading {
  readonly facts: Facts;
  /** The folder of freshly fetched package lists. */
  readonly lists?: string;
  /** What apt said while it fetched them, where it said anything. */
  readonly listsTrouble?: string;
  /** Kilobytes free by file system, each named by where it is mounted. */
  readonly space: ReadonlyMap<string, number>;
  /** Folders that the run has to write to and cannot. */
  readonly readOnly: readonly string[];
  /** Who listens on port 80 of a host without nginx: `apache2 (pid 123)`. */
  readonly occupant?: string;
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
  const occupant = occupantOf(sections.get('listeners') ?? '');
  const nginx = nginxOf(sections.get('nginx') ?? '');
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
    },
    ...(lists && { lists }),
    ...(trouble && { listsTrouble: trouble }),
    space: spaceOf(sections.get('space') ?? ''),
    readOnly: (sections.get('readonly') ?? '').split('\n').filter(Boolean),
    ...(occupant && { occupant }),
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
  if (id !== 'debian' && id !== 'ubuntu') throw unsupported("is not of Debian's family");
  if (id === 'debian' && version !== 'sid' && !(Number(version) >= 12)) throw unsupported('is older than Debian 12');
  if (id === 'ubuntu' && !(Number(version) >= 22.04)) throw unsupported('is older than Ubuntu 22.04');
  return { distribution: id, version };
}

function withoutSystemd(): Problem {
  return new Problem({
    message: 'The host is not run by systemd.',
    hint: 'Services are described as systemd units, so a host needs it as its process 1. A container image without an init system will not do. Nothing was changed.',
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
    hint: `${off ? 'Set its clock (`timedatectl set-ntp true`), since lists are valid for a time only, then' : 'See on the host whether it reaches the mirrors in /etc/apt/sources.list.d (`apt-get update`), then'} run again. Nothing was changed.`,
  });
}

/** From a line of ss(8): `users:(("apache2",pid=123,fd=4))`. */
function occupantOf(listeners: string): string | undefined {
  if (listeners.trim() === '') return undefined;
  const [, name = 'another program', pid] = /\(\("([^"]+)",pid=(\d+)/.exec(listeners) ?? [];
  return pid ? `${name} (pid ${pid})` : name;
}

/** From lines of grep(1), each with its file before it. */
function nginxOf(text: string): readonly NginxDirective[] {
  return text.split('\n').flatMap((line) => {
    const [, file = '', directives = ''] = /^([^:]+):([^#]*)/.exec(line) ?? [];
    return directives.split(/[;{}]/).flatMap((directive): NginxDirective[] => {
      const words = directive.trim().split(/\s+/);
      const [name, at = ''] = words;
      const narrows = name === 'listen' && (words.some((word) => /^default(_server)?$/.test(word)) || /^(\d+\.|\[)/.test(at));
      return narrows || name === 'server_names_hash_bucket_size' ? [{ file, words }] : [];
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

function spaceOf(text: string): ReadonlyMap<string, number> {
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
