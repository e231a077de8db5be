import { type Command, lines, sh } from '../command/command.ts';
import { database } from '../engine/run-libraries.ts';
import { bundledLibrary, definitionsOf } from '../engine/shell-library.ts';
import { secretsFolder, stateFolder } from '../host-paths.ts';
import { databaseClient } from '../resources/shell.ts';
import { dumpSite, snapshots } from '../resources/snapshot.ts';
import type { Transport } from '../transport/transport.ts';

/** A site's database on its host. */
export interface SiteDatabase {
  readonly transport: Transport;
  readonly domain: string;
  readonly name: string;
  /** The site's account on the database server, and the name of the secret on the host that holds its password. */
  readonly account: string;
  readonly secret: string;
  /** The site's system user. */
  readonly owner: string;
}

const durable = bundledLibrary('run/durable.sh');
const libraries = [
  dumpSite,
  snapshots,
  bundledLibrary('db/replace.sh', durable, dumpSite),
  bundledLibrary('db/tunnel.sh', database),
  bundledLibrary('db/console.sh', database, databaseClient, bundledLibrary('run/in-site.sh')),
];

/** Returns a script that defines the shell functions for site databases and then runs the commands. */
export function onDatabase(...commands: readonly Command[]): Command {
  return lines(definitionsOf(libraries), sh`SECRETS=${secretsFolder} STATE=${stateFolder}`, ...commands);
}

/** Returns the arguments for the shell functions that log in to a database: account, secret, database and system user. */
export function loginWords({ account, secret, name, owner }: SiteDatabase): readonly string[] {
  return [account, secret, name, owner];
}
