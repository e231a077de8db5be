import type { UserConfig } from '../../config-file/define.ts';
import type { RuntimeName } from '../../runtimes/index.ts';

/** The answers of the wizard. The defaults apply to missing ones. */
export interface Answers {
  /** `[user@]host[:port]`, or a `Host` of ssh_config. */
  readonly server: string;
  readonly domain: string;
  /** The application's folder, relative to the configuration's; by default the bundled site. */
  readonly app?: string;
  /** The runtime that the application's files suggest; by default PHP. */
  readonly runtime?: RuntimeName;
  /** The version, such as `8.4`; by default the distribution's. */
  readonly php?: string;
  readonly database?: Database;
  /** The address that the certificate authority writes to. */
  readonly email?: string;
  /** Where nightly backups are stored, in restic's notation. */
  readonly backups?: string;
  /** Who may log in besides those who can already: names with their public keys, one a line. */
  readonly people?: Readonly<Record<string, string>> | undefined;
}

export type Database = 'mysql' | 'mariadb' | 'none';

/** Returns the configuration for the answers. */
export function userConfigOf({ server, domain, app, php, database, email, backups, people }: Answers): UserConfig {
  return {
    server,
    domain,
    ...(app !== undefined && { app: { source: app } }),
    ...(php !== undefined && { php: { version: php } }),
    ...(database !== undefined && { database: { engine: database } }),
    ...(email !== undefined && { https: { email } }),
    ...(people !== undefined && { sshKeys: people }),
    ...(backups !== undefined && { backups: { to: backups } }),
  };
}
