import { database } from '../engine/run-libraries.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { dump, login } from './shell.ts';

/** The number of snapshots of a site's database that are kept on its host. */
export const keptSnapshots = 3;

/** A database of which a snapshot is kept before a release changes it. */
export interface SnapshotOptions {
  readonly domain: string;
  /** The id of the release. */
  readonly release: string;
  readonly database: string;
  /** The site's account on the database server, and the name of the secret with its password. */
  readonly user: string;
  readonly secret: string;
  /** The site's system user. */
  readonly owner: string;
}

export const dumpSite = bundledLibrary('db/dump-site.sh', database, dump, login);
export const snapshots = bundledLibrary('db/snapshots.sh', bundledLibrary('run/durable.sh'), dumpSite);

/** The functions for snapshots before migrations. */
export const releaseSnapshots = bundledLibrary('db/release-snapshots.sh', snapshots);

/** Returns the arguments of `snapshot_before_release`. */
export function snapshotWords({ domain, release, database: name, user, secret, owner }: SnapshotOptions): readonly string[] {
  return [domain, release, String(keptSnapshots), user, secret, name, owner];
}
