import type { About } from '../config/about.ts';
import type { Login } from '../transport/transport.ts';
import type { DatabaseFacts } from './database.ts';
import type { NginxPaths } from './nginx.ts';

export interface OfferedPackage {
  readonly installed?: string;
  /** The version that the package manager would install now. */
  readonly candidate?: string;
}

/** The properties of a host that a run does not change. */
export interface Facts {
  readonly distribution: 'debian' | 'ubuntu';
  /** `12`, `13`, `24.04`; `sid` if the release has no number. */
  readonly version: string;
  /** The distribution's full name: `Debian GNU/Linux 13 (trixie)`. */
  readonly title: string;
  readonly architecture: string;
  readonly processors: number;
  /** The memory that the host may use, in MiB. */
  readonly memory: number;
  /** The host's own addresses, without loopback and link-local ones. */
  readonly addresses: readonly string[];
  readonly hostname: string;
  /** Whether the kernel supports IPv6. */
  readonly ipv6: boolean;
  /** Whether the host is a container, which does not control its kernel, clock and swap. */
  readonly container: boolean;
  /** True if the host has tunnels (WireGuard, Tailscale), rules for routes, or two default routes. */
  readonly policyRouting?: true;
  /** True if the host is a virtual machine of Azure, or has the agent of one. */
  readonly azure?: true;
  readonly ssh: SshFacts;
  /** What else filters packets on this host, if anything: `ufw`, `docker.service`, `rules in the table ip filter`. */
  readonly firewall?: string;
  readonly packages: Readonly<Record<string, OfferedPackage>>;
  /** The names of sites that point to this host in DNS; undefined if that was not looked up or is unknown. */
  readonly pointingNames?: readonly string[];
  /** The addresses on which the running nginx listens, for each port on which it does not listen on all addresses: `192.0.2.7:80`. */
  readonly nginxOnlyAt?: readonly string[];
  /** True if the unit of nginx is hardened on the host already. */
  readonly nginxHardened?: true;
  /** Pre-existing nginx directives: the addresses and names of sites, and settings that nginx allows only once. */
  readonly nginx?: readonly NginxDirective[];
  /** The user and the includes in the host's nginx configuration. Missing if there is none. */
  readonly nginxMain?: NginxMain;
  /** The paths that the host's nginx configuration reads and writes, if there is one. */
  readonly nginxPaths?: NginxPaths;
  /** The installed database server, if there is one. */
  readonly database?: DatabaseFacts;
  /** The variables that are stored on the host, by the sites' domains: the version of their values, and their names. */
  readonly stored?: Readonly<Record<string, { readonly version: string; readonly names: readonly string[] }>>;
  /** What other configurations on this host have recorded, if there are any. */
  readonly others?: readonly About[];
}

export interface NginxMain {
  readonly user?: string;
  /** As they are written: `/etc/nginx/sites-enabled/*`. */
  readonly includes: readonly string[];
}

/** A directive in the host's nginx configuration. */
export interface NginxDirective {
  /** The file that contains it: `/etc/nginx/sites-enabled/own.conf`. */
  readonly file: string;
  /** Its words: `['listen', '80', 'default_server']`. */
  readonly words: readonly string[];
}

/** The SSH server and its connections. */
export interface SshFacts {
  /** The ports on which the host accepts SSH, in order: those of sshd and of the systemd socket that starts it, or else that of this session. */
  readonly ports: readonly number[];
  /** The sizes of the host's keys in bits, by type (`ssh-rsa`). */
  readonly hostKeys: Readonly<Record<string, number>>;
  readonly login: Login;
  /** The address of this host to which the login has connected, if it is one of its own. */
  readonly address?: string;
  /** True if an earlier run has set its algorithms. */
  readonly restricted?: true;
  /** The host's own `AuthorizedKeysFile`, if its settings have one. */
  readonly keyFiles?: string;
}

/** Returns the version of a package on this host: the installed one, or the one that would be installed. */
export function versionOf(facts: Facts, name: string): string | undefined {
  return facts.packages[name]?.installed ?? facts.packages[name]?.candidate;
}
