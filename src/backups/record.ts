import { z } from 'zod/mini';
import { type Command, lines, sh } from '../command/command.ts';
import { stateFolder } from '../host-paths.ts';

/** An attempt to back up a site, either successful or failed. */
export type BackupAttempt =
  | {
      readonly kind: 'made';
      readonly at: Date;
      /** The snapshot's id in the repository. */
      readonly id: string;
      readonly seconds: number;
      /** The bytes in the backup, and the bytes that it added to the repository. */
      readonly size: number;
      readonly added: number;
      /** The number of files that could not be read, for example because they were deleted meanwhile. The backup does not contain them. */
      readonly unread: number;
    }
  | { readonly kind: 'failed'; readonly at: Date; readonly error: string };

/** A drill: a test in which a backup is restored beside the site, and its pages are requested from a second instance of the application. */
export type Drill =
  | {
      readonly kind: 'proven';
      readonly at: Date;
      readonly id: string;
      /** The seconds that the restore took, and those that the whole drill took. */
      readonly restored: number;
      readonly seconds: number;
      readonly tables: number;
      readonly rows: number;
      readonly files: number;
      /** The SHA-256 of the database dump in the backup, which is also the one that was recorded when it was made. Empty without a database. */
      readonly dump: string;
    }
  | { readonly kind: 'failed'; readonly at: Date; readonly error: string };

/** What the host has recorded about the backups of a site. The last successful backup and drill stay recorded if a later attempt fails. */
export interface BackupRecord {
  readonly backup?: BackupAttempt;
  readonly lastMade?: Extract<BackupAttempt, { kind: 'made' }>;
  readonly drill?: Drill;
  readonly lastProven?: Extract<Drill, { kind: 'proven' }>;
}

/** The folder on the host with the records of backups. It has a folder for each site. */
const backupRecords = `${stateFolder}/backups`;

/** Returns a script that prints the records of these sites. Each line has the domain, the name of the record, and its JSON, separated by tabs. */
export function backupRecordScript(domains: readonly string[]): Command {
  return lines(
    sh`for site in ${domains}; do for each in made backup proven drill; do`,
    sh`  [ ! -s ${backupRecords}/"$site/$each.json" ] || printf '%s\t%s\t%s\n' "$site" "$each" "$(cat ${backupRecords}/"$site/$each.json")"`,
    sh`done; done`,
  );
}

const at = z.pipe(
  z.string(),
  z.transform((text) => new Date(text)),
);
const failed = z.object({ kind: z.literal('failed'), at, error: z.string() });
const made = z.object({
  kind: z.literal('made'),
  at,
  id: z.string(),
  seconds: z.number(),
  size: z.number(),
  added: z.number(),
  unread: z.number(),
});
const proven = z.object({
  kind: z.literal('proven'),
  at,
  id: z.string(),
  seconds: z.number(),
  restored: z.number(),
  tables: z.number(),
  rows: z.number(),
  files: z.number(),
  dump: z.string(),
});
const attempt = z.union([made, failed]);
const drill = z.union([proven, failed]);

/** Returns the records that the script has printed, by domain. Ignores a damaged record, because the next backup or drill replaces it. */
export function parseBackupRecords(output: string): ReadonlyMap<string, BackupRecord> {
  const records = new Map<string, BackupRecord>();
  for (const line of output.split('\n')) {
    const [domain = '', name, ...text] = line.split('\t');
    const data = parsed(text.join('\t'));
    records.set(domain, { ...records.get(domain), ...field(name, data) });
  }
  records.delete('');
  return records;
}

function field(name: string | undefined, data: unknown): BackupRecord {
  switch (name) {
    case 'made':
      return only(made.safeParse(data).data, (lastMade) => ({ lastMade }));
    case 'backup':
      return only(attempt.safeParse(data).data, (backup) => ({ backup }));
    case 'proven':
      return only(proven.safeParse(data).data, (lastProven) => ({ lastProven }));
    case 'drill':
      return only(drill.safeParse(data).data, (each) => ({ drill: each }));
    default:
      return {};
  }
}

function only<T>(value: T | undefined, record: (value: T) => BackupRecord): BackupRecord {
  return value === undefined ? {} : record(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
