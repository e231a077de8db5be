/** The options of the command line, the same for every command that reaches a host. */
export interface Options {
  readonly config?: string;
  readonly identity?: string;
  readonly port?: number;
  readonly yes?: boolean;
  readonly acceptNew?: boolean;
  readonly knownHosts?: string;
  readonly sudoPasswordStdin?: boolean;
  /** The server of the inventory to work on. */
  readonly host?: string;
  /** The environment whose overlay is merged over the configuration. */
  readonly env?: string;
  readonly domain?: string;
  readonly app?: string;
  /** Replaces `app` for one release. */
  readonly source?: string;
  readonly checksum?: boolean;
  /** `rollback`: the id of the release, or its beginning; `backup restore`: the folder to write to; `db push`: the environment to copy to. */
  readonly to?: string;
  /** `rollback`: restore the database too. */
  readonly data?: boolean;
  /** The domain of the only one of several sites to work on, or of the site to import. */
  readonly site?: string;
  /** `backup schedule` and `backup restore --from`: the secrets of the repository are on standard input. */
  readonly secretsStdin?: boolean;
  /** `import`: the new server. */
  readonly server?: string;
  /** `import`: copy again what has changed since. */
  readonly again?: boolean;
  /** `import`: the site's folder on the old server, or in the backup. */
  readonly root?: string;
  /** `db pull`: the environment to copy from; `backup restore`: the address of the repository to restore from. */
  readonly from?: string;
  /** `db pull` and `db push`: the domain of the production site whose database may be replaced. */
  readonly confirm?: string;
  /** `db import`: the id of a snapshot on the host. */
  readonly snapshot?: string;
  /** `db tunnel`: the port on this machine. */
  readonly localPort?: number;
  readonly php?: string;
  readonly database?: 'mysql' | 'mariadb' | 'none';
  readonly allowDestroy?: boolean;
  readonly waitDns?: boolean;
  readonly out?: string;
  readonly format?: 'sh' | 'cloud-init';
  /** True if the SSH and firewall settings were proven on a host of the same image. */
  readonly accessProven?: boolean;
  readonly plan?: string;
  /** `logs`: keep showing new entries. */
  readonly follow?: boolean;
  readonly since?: string;
  readonly grep?: string;
  readonly lines?: number;
  /** `maintenance`: the addresses that are served. */
  readonly allow?: readonly string[];
  readonly json?: boolean;
  /** How many times the option was given. */
  readonly verbose?: number;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** Returns whether a person can be asked, which needs a terminal on both ends. */
export function interactive(options: Options): boolean {
  return Boolean(process.stdin.isTTY && process.stdout.isTTY && !options.json && !process.env.CI);
}

/** Returns whether the diffs of all files are part of the plan: with `-vv`, and for programs with `-v`. */
export function wantsAllDiffs({ verbose = 0, json }: Options): boolean {
  return verbose >= (json ? 1 : 2);
}
