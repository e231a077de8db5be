import { sh } from '../command/command.ts';
import { Problem } from '../error.ts';
import { onDatabase, type SiteDatabase } from './site-database.ts';

/** What a database contains, and the free space and decompression programs of its host. */
export interface DatabaseSummary {
  /** The server's product and version: `MariaDB 11.8.6`. */
  readonly server: string;
  /** The number of tables and views. */
  readonly tables: number;
  /** The size of the data and indexes, in bytes. */
  readonly size: number;
  /** The free space on the disk of the server's data folder, in bytes. */
  readonly free: number;
  /** The tables whose storage engine does not support transactions. A dump has their content at the time when it reads each table. */
  readonly unsafe: readonly string[];
  /** The decompression programs that are installed on the host, of gzip, zstd, bzip2 and xz. */
  readonly programs: readonly string[];
}

/** Reads what a database contains. Rejects with a Problem if its server does not answer, or if there is no such database. */
export async function summaryOf({ transport, name, domain }: SiteDatabase): Promise<DatabaseSummary> {
  const { code, stdout, stderr } = await transport.script(onDatabase(sh`describe_database ${name}`), { timeout: 120 });
  const { host } = transport;
  if (code !== 0)
    throw new Problem({
      message: `The database server of ${host} does not answer.`,
      hint: `Read its log on the host: journalctl -n 20 -u mariadb -u mysql. If ${domain} is not set up yet: foobar-provision`,
      host,
      stderr: stderr.trim(),
    });
  return parseSummary(stdout);
}

export function parseSummary(output: string): DatabaseSummary {
  const rows = output.split('\n').map((line) => line.split('\t'));
  const row = (word: string) => rows.find(([first]) => first === word) ?? [];
  const [, version = ''] = row('version');
  const [, tables = '0', size = '0'] = row('tables');
  const [, free = '0'] = row('free');
  return {
    server: `${/mariadb/i.test(version) ? 'MariaDB' : 'MySQL'} ${version.replace(/[-+~].*/, '')}`,
    tables: Number(tables),
    size: Number(size),
    free: Number(free) * 1024,
    unsafe: rows.flatMap(([word, hex = '']) => (word === 'engine' ? [Buffer.from(hex, 'hex').toString('utf8')] : [])),
    programs: rows.flatMap(([word, program = '']) => (word === 'program' ? [program] : [])),
  };
}
