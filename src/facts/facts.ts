import type { About } from '../config/about.ts';
import type { Login } from '../transport/transport.ts';
import type { DatabaseFacts } from './database.ts';
import type { NginxPaths } from './nginx.ts';

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
  /** What the owner of the host's nginx says that leaves less for others: a socket's `default_server`, an address of its own, the room for names, the names of its sites. Left out where nothing is said. */
  readonly nginx?: readonly NginxDirective[];
  /** Where the configuration of the host's nginx has it read and write; left out where there is none. */
  readonly nginxPaths?: NginxPaths;
  /** The database server that is installed. */
  readonly database?: DatabaseFacts;
  /** What other configurations have said of this host; left out where there are none. */
  readonly others?: readonly About[];
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
