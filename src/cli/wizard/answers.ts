import type { UserConfig } from '../../config-file/define.ts';
import type { RuntimeName } from '../../runtimes/index.ts';

/** What the wizard finds out. What is left out is as the defaults have it. */
export interface Answers {
  /** `[user@]host[:port]`, or a `Host` of ssh_config. */
  readonly server: string;
  readonly domain: string;
  /** The application's folder, relative to the configuration's; the bundled site where it is left out. */
  readonly app?: string;
  /** What the application's files say that it is; PHP where it is left out. */
  readonly runtime?: RuntimeName;
  /** `8.4`; the distribution's own where it is left out. */
  readonly php?: string;
  readonly database?: Database;
}

export type Database = 'mysql' | 'mariadb' | 'none';

/** The configuration that the answers are. */
export function userConfigOf({ server, domain, app, php, database }: Answers): UserConfig {
  return {
    server,
    domain,
    ...(app !== undefined && { app: { source: app } }),
    ...(php !== undefined && { php: { version: php } }),
    ...(database !== undefined && { database: { engine: database } }),
  };
}
