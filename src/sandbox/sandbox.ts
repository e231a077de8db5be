/** The Debian releases that a sandbox can be made of. */
export const suites = ['trixie', 'bookworm', 'sid'] as const;

export type Suite = (typeof suites)[number];

/** A running throwaway host, with everything needed to log in to it. */
export interface Sandbox {
  readonly name: string;
  readonly suite: Suite;
  /** The host's IPv4 address, from 198.18.0.0/15, which RFC 2544 reserves for tests. */
  readonly address: string;
  /** This machine's address on the host's link. */
  readonly gateway: string;
  readonly port: 22;
  readonly user: 'root';
  /** Path of the private key for root's login. */
  readonly identity: string;
  /** Path of a known_hosts file with the host's keys, written before its first boot. */
  readonly knownHosts: string;
  /** Path of the host's file tree, as on its disk: without /run, /tmp and the like. */
  readonly root: string;
  /** The id of the host's process 1 on this machine. */
  readonly pid: number;
  /** The URL on this machine's loopback that forwards to the host's port 80; only with `publish`. */
  readonly url?: string;
}

/** A host in the output of `list`. A host that is off has no process. */
export type ListedSandbox = Omit<Sandbox, 'pid'> & {
  readonly pid?: number;
  /** The id of the process that owns the host, if one does; see `UpOptions`. */
  readonly owner?: number;
};

/** Called with one line of progress at a time, without its newline. */
export type Progress = (line: string) => void;

export interface PublishOptions {
  /** The `Host` header that the host's web server gets. */
  readonly domain: string;
  /**
   * The arguments after Node's own path that start this program as a publisher. The sandbox's name is appended.
   * By default the running entry file and `sandbox-publish`.
   */
  readonly spawnSelf?: readonly string[];
}

/**
 * How to create a host. If the environment variable `FOOBAR_SANDBOX_OWNER` is set (to a process id), that process owns the host:
 * a test run sets it, and removes all hosts that it owns. Hosts without an owner stay until `down`.
 */
export interface UpOptions {
  /** Lower-case letters, digits and hyphens, at most 32. By default a random name. */
  readonly name?: string;
  /** By default trixie. */
  readonly suite?: Suite;
  /**
   * In MiB: the memory that the host sees, and, if this kernel has a memory controller, the limit for all its processes together.
   * By default this machine's own memory.
   */
  readonly memory?: number;
  /** Additional Debian packages for the host. */
  readonly include?: readonly string[];
  readonly publish?: PublishOptions;
  readonly onProgress?: Progress;
}
