import { lines, sh } from '../command/command.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { database } from '../engine/run-libraries.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { confined, databaseClient, dump, readDatabase } from './shell.ts';
import { releaseSnapshots, type SnapshotOptions, snapshotWords } from './snapshot.ts';

interface MigrationsAttributes {
  readonly database: string;
  readonly user: string;
  readonly secret: string;
  /** The system user that sends the files to the database, and the systemd properties that restrict it. */
  readonly owner: string;
  readonly sandbox: readonly string[];
  /** The folder of the files on the host. */
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly digest: string }[];
  /** The snapshot of the database that is kept before the first of them is applied. Missing if none is wanted. */
  readonly snapshot?: SnapshotOptions;
}

/**
 * Describes the schema migrations of a database. Each file is applied once, in the order of the names, with the application's privileges.
 */
export function migrations(name: string, options: MigrationsAttributes): Resource {
  return migrationsKind.resource(name, options);
}

/** What the reader prints for a database that has tables. The name of a migration has no tab. */
const hasTables = 'tables\t';

export const migrationsKind = defineKind<MigrationsAttributes, ReadonlySet<string>>({
  name: 'migrations',
  phase: 'state',
  shell: { run: [bundledLibrary('run/migrations.sh', database, databaseClient, confined, dump), releaseSnapshots], read: [readDatabase] },
  read: (resources) =>
    lines(
      ...resources.map(
        ({ id, attributes: { database, user, secret } }) =>
          sh`printf 'database\t%s\n' ${id}; read_migrations ${database} ${user} ${secret}`,
      ),
    ),
  parse: (output) => {
    const parts = output.split(/^database\t/m).slice(1);
    return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), new Set(part.split('\n').slice(1).filter(Boolean))]));
  },
  diff: (_, desired, current) => {
    const isUnread = current?.has('down\t') ?? false;
    const { user, secret, folder, owner, sandbox } = desired;
    const what = (file: string) => [desired.database, user, secret, file, `${folder}/${file}`, owner, ...sandbox];
    return desired.files
      .filter(({ name }) => !current?.has(name))
      .map(({ name }, index) => {
        const snapshot = index === 0 ? desired.snapshot : undefined;
        const apply = isUnread ? sh`migrate_unless_recorded ${what(name)}` : sh`migrate ${what(name)}`;
        return {
          action: 'run',
          summary: `apply ${name}${snapshot && current?.has(hasTables) ? `, after a snapshot of ${desired.database}` : ''}`,
          // The server may have recorded a migration although it does not answer now, and no migration runs twice.
          step: { kind: 'plain', apply: snapshot ? lines(sh`snapshot_before_release ${snapshotWords(snapshot)}`, apply) : apply },
          ...(isUnread && { basis: 'unread' as const }),
        };
      });
  },
});
