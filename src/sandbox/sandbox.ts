/** The Debian releases that a sandbox can be made of. */
export const suites = ['trixie', 'bookworm', 'sid'] as const;

export type Suite = (typeof suites)[number];

/** A throwaway host that runs, and all that is needed to log in to it. */
export interface Sandbox {
  readonly name: string;
  readonly suite: Suite;
  /** The host's IPv4 address, out of 198.18.0.0/15, which RFC 2544 sets aside for tests. */
  readonly address: string;
  /** This machine's address on the host's link. */
  readonly gateway: string;
  readonly port: 22;
  readonly user: 'root';
  /** Path of the private key that root's login takes. */
  readonly identity: string;
  /** Path of a known_hosts file that holds the host's keys, made before its first boot. */
  readonly knownHosts: string;
  /** Path of the host's file tree, as its disk holds it: /run, /tmp and the like are not in it. */
  readonly root: string;
  /** The host's process 1, as this machine numbers it. */
  readonly pid: number;
  /** Where this machine's loopback shows the host's port 80; only with `publish`. */
  readonly url?: string;
}

/** What `list` tells of a host: one that is off has no process. */
export type ListedSandbox = Omit<Sandbox, 'pid'> & {
  readonly pid?: number;
  /** The process that the host belongs to, where it belongs to one; see `UpOptions`. */
  readonly owner?: number;
};

/** Called with one line of progress at a time, no newline in it. */
export type Progress = (line: string) => void;

export interface PublishOptions {
  /** The `Host` header that the host's web server gets. */
  readonly domain: string;
  /**
   * The arguments after Node's own path that start this program as a publisher; the sandbox's name is appended.
   * Left out: the running entry file with `sandbox-publish`.
   */
  readonly spawnSelf?: readonly string[];
}

/**
 * How a host is made. A host belongs to the process named by the environment's `FOOBAR_SANDBOX_OWNER` (a process id)
 * where it is set: a test run sets it, and takes its own hosts down whoever made them. Others stay until `down`.
 */
export interface UpOptions {
  /** Lower-case letters, digits and hyphens, at most 32; chosen where it is left out. */
  readonly name?: string;
  /** Default: trixie. */
  readonly suite?: Suite;
  /**
   * MiB: what the host sees as its memory, and what its processes may use together where this kernel has a memory controller.
   * This machine's own memory where it is left out.
   */
  readonly memory?: number;
  /** Debian packages that the host has besides the bare ones. */
  readonly include?: readonly string[];
  readonly publish?: PublishOptions;
  readonly onProgress?: Progress;
}
