import { PassThrough, Transform } from 'node:stream';
import { sh } from '../command/command.ts';
import { Problem } from '../error.ts';
import type { Transport } from '../transport/transport.ts';
import { type NewSite, onNewServer } from './copy-shared.ts';
import type { Credentials } from './credentials.ts';
import { copyTimeoutSeconds, dumpDatabase, query } from './old-server.ts';
import type { ImportRecord } from './record.ts';

/** The result of copying a database. */
export interface CopiedDatabase {
  /** The number of bytes of its dump. */
  readonly size: number;
  readonly tables: number;
  readonly rows: number;
  readonly remarks: readonly string[];
}

/** Rejects with a Problem if the new database has tables that no import has created. */
export async function requireOwnDatabase({ transport, database, domain }: NewSite, record: ImportRecord): Promise<void> {
  if (!database || record.database) return;
  const { stdout, code, stderr } = await transport.script(onNewServer(sh`count_tables ${database.name}`));
  if (code !== 0)
    throw new Problem({
      message: `The database server of ${transport.host} does not answer.`,
      host: transport.host,
      stderr: stderr.trim(),
    });
  const tables = Number(stdout.trim());
  if (tables === 0) return;
  throw new Problem({
    message: `The database ${database.name} on ${transport.host} has ${tables} tables that no import has created, and an import would replace all of them.`,
    hint: `Remove the tables there if nobody needs them, or choose another database.name for ${domain}.`,
    host: transport.host,
  });
}

/**
 * Replaces the new server's database by a dump of the old one, which is streamed from one to the other. Afterwards the rows of each table
 * are counted on both.
 */
export async function copyDatabase(
  old: Transport,
  credentials: Credentials,
  { transport, database, user }: NewSite,
  onBytes: (copied: number) => void,
  signal: AbortSignal,
): Promise<CopiedDatabase> {
  if (!database) throw new TypeError('the site has no database');
  let size = 0;
  let end = Buffer.alloc(0);
  const watched = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      end = Buffer.concat([end, chunk.subarray(-200)]).subarray(-200);
      onBytes(size);
      done(null, chunk);
    },
    flush(done) {
      // mariadb-dump and mysqldump end with this comment, so a dump without it is incomplete.
      done(/-- Dump completed/.test(end.toString('latin1')) ? null : new Error('the dump ended too early'));
    },
  });
  const arriving = new PassThrough();
  watched.on('error', (error) => arriving.destroy(error));
  watched.on('close', () => {
    if (!watched.writableFinished) arriving.destroy(new Error('the dump ended too early'));
  });
  watched.pipe(arriving);
  const load = onNewServer(sh`load_dump ${database.user} ${database.secret} ${database.name} ${user}`);
  const [dumped, loaded] = await Promise.allSettled([
    dumpDatabase(old, credentials, watched, signal),
    transport.run(load, { input: arriving, timeout: copyTimeoutSeconds, signal }).finally(() => watched.destroy()),
  ]);
  // If the dump could not be loaded, that is why the old server could not send the rest.
  if (loaded.status === 'fulfilled' && loaded.value.code !== 0)
    throw notLoaded(transport, database.name, loaded.value.stderr, loaded.value.code);
  if (dumped.status === 'rejected') throw dumped.reason;
  if (loaded.status === 'rejected') throw loaded.reason;
  const notes = loaded.value.stdout.split('\n').flatMap((line) => (line.startsWith('#note\t') ? [line.slice('#note\t'.length)] : []));
  const counts = await rowsOnBoth(old, credentials, { transport, database, user });
  const differing = [...counts].filter(([, [before, after]]) => before !== after);
  return {
    size,
    tables: counts.size,
    rows: [...counts.values()].reduce((sum, [, after]) => sum + (after ?? 0), 0),
    remarks: [
      ...notes.map((note) => `In the database, ${note}.`),
      ...differing.map(
        ([table, [before, after]]) =>
          `The table ${table} has ${before} rows on the old server and ${after ?? 'none'} on the new one; it changed while it was copied.`,
      ),
    ],
  };
}

function notLoaded({ host }: Transport, name: string, stderr: string, code: number): Problem {
  return new Problem({
    message: `The dump could not be loaded into ${name} on ${host}, so this database is incomplete.`,
    hint: 'The message of the database is below. Solve that, then run the same command again: it copies the whole database again. The old server is unchanged.',
    host,
    commandExit: code,
    stderr: stderr.trim(),
  });
}

type Counts = ReadonlyMap<string, readonly [before: number, after: number | undefined]>;

async function rowsOnBoth(
  old: Transport,
  credentials: Credentials,
  {
    transport,
    database,
    user,
  }: { readonly transport: Transport; readonly database: NonNullable<NewSite['database']>; readonly user: string },
): Promise<Counts> {
  const names = await query(
    old,
    credentials,
    "SELECT HEX(table_name) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY 1;",
  );
  const tables = names.map(([hex = '']) => Buffer.from(hex, 'hex').toString('utf8'));
  if (tables.length === 0) return new Map();
  const statements = tables
    .map((name) => `SELECT '${Buffer.from(name).toString('hex')}', COUNT(*) FROM \`${name.replaceAll('`', '``')}\`;`)
    .join('\n');
  const [before, after] = await Promise.all([
    query(old, credentials, statements),
    transport.run(onNewServer(sh`as_account ${database.user} ${database.secret} ${database.name} ${user}`), {
      input: statements,
      timeout: copyTimeoutSeconds,
    }),
  ]);
  const there = new Map(after.stdout.split('\n').map((line): [string, number] => [line.split('\t')[0] ?? '', Number(line.split('\t')[1])]));
  return new Map(before.map(([hex = '', count = '0']) => [Buffer.from(hex, 'hex').toString('utf8'), [Number(count), there.get(hex)]]));
}
