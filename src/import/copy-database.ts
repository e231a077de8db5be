import { PassThrough, Transform } from 'node:stream';
import { sh } from '../command/command.ts';
import { Problem } from '../error.ts';
import type { Transport } from '../transport/transport.ts';
import { type NewSite, onNewServer } from './copy-shared.ts';
import { copyTimeoutSeconds } from './old-server.ts';
import type { OldData } from './origin.ts';
import type { ImportRecord } from './record.ts';

/** Prints the name of each table in hexadecimal, because it may contain anything. */
export const tableNames =
  "SELECT HEX(table_name) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY 1;";

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
 * Replaces the new server's database with a dump of the old one, which is streamed to it. Afterwards the rows of each table are counted, on
 * both servers if there are two.
 */
export async function copyDatabase(
  old: OldData,
  { transport, database: own, user }: NewSite,
  onBytes: (copied: number) => void,
  signal: AbortSignal,
): Promise<CopiedDatabase> {
  if (!own) throw new TypeError('the site has no database');
  const watched = watchedDump(onBytes);
  const arriving = new PassThrough();
  watched.stream.on('error', (error) => arriving.destroy(error));
  watched.stream.on('close', () => {
    if (!watched.stream.writableFinished) arriving.destroy(new Error('the dump ended too early'));
  });
  watched.stream.pipe(arriving);
  const load = onNewServer(sh`load_dump ${own.user} ${own.secret} ${own.name} ${user}`);
  const [dumped, loaded] = await Promise.allSettled([
    old.dump(watched.stream, signal),
    transport.run(load, { input: arriving, timeout: copyTimeoutSeconds, signal }).finally(() => watched.stream.destroy()),
  ]);
  // If the dump could not be loaded, that is why the old server could not send the rest.
  if (loaded.status === 'fulfilled' && loaded.value.code !== 0)
    throw notLoaded(transport, own.name, loaded.value.stderr, loaded.value.code);
  if (dumped.status === 'rejected') throw dumped.reason;
  if (loaded.status === 'rejected') throw loaded.reason;
  const notes = loaded.value.stdout.split('\n').flatMap((line) => (line.startsWith('#note\t') ? [line.slice('#note\t'.length)] : []));
  const before = await old.rows?.();
  const after = await rowsOf([...(before?.keys() ?? [])], { transport, own, user });
  const differing = [...(before ?? [])].filter(([table, count]) => after.get(table) !== count);
  return {
    size: watched.size(),
    tables: after.size,
    rows: [...after.values()].reduce((sum, count) => sum + count, 0),
    remarks: [
      ...notes.map((note) => `In the database, ${note}.`),
      ...(watched.saysItsEnd()
        ? []
        : ['The dump has no comment at its end, so it may be incomplete. Check whether the newest entries of the site have arrived.']),
      ...differing.map(
        ([table, count]) =>
          `The table ${table} has ${count} rows on the old server and ${after.get(table) ?? 'none'} on the new one; it changed while it was copied.`,
      ),
    ],
  };
}

/** Returns a stream that passes a dump on, and fails at its end if the dump program did not finish. */
function watchedDump(onBytes: (copied: number) => void) {
  let size = 0;
  let start = '';
  let end = Buffer.alloc(0);
  // The dump programs of MySQL and MariaDB, and Duplicator, write a comment at the end.
  const says = () => /-- Dump completed|DUPLICATOR_MYSQLDUMP_EOF/.test(end.toString('latin1'));
  const stream = new Transform({
    transform(chunk: Buffer, _, done) {
      if (start.length < 1000) start += chunk.subarray(0, 1000).toString('latin1');
      size += chunk.length;
      end = Buffer.concat([end, chunk.subarray(-200)]).subarray(-200);
      onBytes(size);
      done(null, chunk);
    },
    flush(done) {
      const isOfClient = /^(?:\/\*M?!.*\n)?-- (?:MySQL|MariaDB) dump/m.test(start);
      done(isOfClient && !says() ? new Error('the dump ended too early') : null);
    },
  });
  return { stream, size: () => size, saysItsEnd: says };
}

function notLoaded({ host }: Transport, name: string, stderr: string, code: number): Problem {
  return new Problem({
    message: `The dump could not be loaded into ${name} on ${host}, so this database is incomplete.`,
    hint: 'Fix the error that the database server reports, then run the same command again: it copies the whole database again. The old server is unchanged.',
    host,
    commandExit: code,
    stderr: stderr.trim(),
  });
}

/** Returns statements that print the name of each table, in hexadecimal, and the number of its rows. */
export function countStatements(tables: readonly string[]): string {
  return tables.map((name) => `SELECT '${Buffer.from(name).toString('hex')}', COUNT(*) FROM \`${name.replaceAll('`', '``')}\`;`).join('\n');
}

/** Counts the rows of these tables on the new server, or of all of its tables if none are named. */
async function rowsOf(
  named: readonly string[],
  { transport, own, user }: { readonly transport: Transport; readonly own: NonNullable<NewSite['database']>; readonly user: string },
): Promise<ReadonlyMap<string, number>> {
  const ask = async (statements: string) => {
    const script = onNewServer(sh`as_account ${own.user} ${own.secret} ${own.name} ${user}`);
    const { stdout } = await transport.run(script, { input: statements, timeout: copyTimeoutSeconds });
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]));
  };
  const names = (await ask(tableNames)).map(([hex = '']) => Buffer.from(hex, 'hex').toString('utf8'));
  const tables = named.length === 0 ? names : named.filter((name) => names.includes(name));
  if (tables.length === 0) return new Map();
  return new Map(
    (await ask(countStatements(tables))).map(([hex = '', count = '0']) => [Buffer.from(hex, 'hex').toString('utf8'), Number(count)]),
  );
}
