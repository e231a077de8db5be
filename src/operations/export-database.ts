import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { countText, sizeText } from '../amount.ts';
import { byteCounter } from '../byte-counter.ts';
import { sh } from '../command/command.ts';
import { writeWhole } from '../database/dump-file.ts';
import { loginWords, onDatabase, type SiteDatabase } from '../database/site-database.ts';
import { type DatabaseSummary, summaryOf } from '../database/summary.ts';
import { Problem } from '../error.ts';
import { chosenSite } from './chosen-site.ts';
import { copyProgress } from './copy-progress.ts';
import type { Result } from './event.ts';
import { onlyHostWith } from './only-host.ts';
import type { Context, Fleet } from './session.ts';
import { siteDatabase } from './site-database.ts';
import { doneResult, totalOf } from './summarize.ts';

/** Where a dump is written: to a file on this machine, which may be compressed, or to a stream, which is uncompressed. */
export type DumpTarget =
  /** The path is by default `DOMAIN-DATE-TIME.sql.gz` in the working directory. */
  | { readonly kind: 'file'; readonly path: string | undefined; readonly mayReplace: (path: string) => Promise<boolean> }
  | { readonly kind: 'stream'; readonly output: Writable };

export interface ExportDatabaseRequest {
  readonly site?: string | undefined;
  readonly to: DumpTarget;
}

/** A dump may take 24 hours. */
const dumpSeconds = 24 * 3600;

/** Writes a consistent dump of a site's database, with the site's own database account. Changes nothing on the host. */
export async function exportDatabase({ site: named, to }: ExportDatabaseRequest, fleet: Fleet, context: Context): Promise<Result> {
  const session = onlyHostWith(fleet, 'database', 'A dump');
  const site = await chosenSite(session.config, named, 'A dump', context);
  const database = siteDatabase(session, site);
  const { host } = session.transport;
  const summary = await summaryOf(database);
  const detail = (detail: string) => context.emit({ event: 'check', host, check: { name: 'database', state: 'ok', detail } });
  for (const check of remarksOn(summary)) context.emit({ event: 'check', host, check });
  if (to.kind === 'stream') {
    await dumpTo(database, to.output, true, context);
  } else {
    const path = to.path ?? defaultName(site.domain, new Date());
    const isPlain = requireEnding(path) === 'sql';
    if (!(await to.mayReplace(path)))
      throw new Problem({ message: `${path} already exists.`, hint: 'Name another file, or add --yes to replace this one.' });
    const size = await writeWhole(path, (output) => dumpTo(database, output, isPlain, context));
    detail(`${path}, ${sizeText(size)}: ${countText(summary.tables, 'table')} of ${database.name}, ${summary.server}`);
  }
  return totalOf([doneResult(host, 0, summary.tables)]);
}

function remarksOn({ unsafe }: DatabaseSummary) {
  if (unsafe.length === 0) return [];
  const some = unsafe.slice(0, 5).join(', ');
  const detail = `${unsafe.length === 1 ? 'The table' : 'The tables'} ${some}${unsafe.length > 5 ? ' and others' : ''} cannot be dumped consistently, because the storage engine does not support transactions.`;
  return [{ name: 'database', state: 'warning', detail } as const];
}

/** Returns the default file name of a dump, with the time in UTC: `shop.test-2026-01-31-134500.sql.gz`. */
export function defaultName(domain: string, at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T');
  return `${domain}-${date}-${time.slice(0, 8).replaceAll(':', '')}.sql.gz`;
}

function requireEnding(path: string): 'sql' | 'gz' {
  if (path.endsWith('.sql')) return 'sql';
  if (path.endsWith('.gz')) return 'gz';
  throw new Problem({
    message: `${path} does not end in .sql or .gz, so its format is not clear.`,
    hint: 'Use one of these endings, or write to standard output: foobar-provision db export - | zstd >dump.sql.zst',
  });
}

/** Streams a dump to `output`, and resolves to the number of bytes that were written. The dump is compressed while it is transferred. */
export async function dumpTo(
  database: SiteDatabase,
  output: Writable,
  isPlain: boolean,
  { emit, signal }: Pick<Context, 'emit' | 'signal'>,
  options: readonly string[] = [],
): Promise<number> {
  const { transport, name } = database;
  const progress = copyProgress(emit, transport.host, `exporting ${name}`);
  let size = 0;
  const counter = byteCounter((total) => {
    size = total;
    progress(size);
  });
  const first = isPlain ? createGunzip() : counter;
  const failing = new AbortController();
  let broken: unknown;
  const piping = pipeline([first, ...(isPlain ? [counter] : []), output]).catch((error: unknown) => {
    broken = error;
    failing.abort();
  });
  const script = onDatabase(sh`compressed 6 print_dump ${loginWords(database)} ${options}`);
  const running = transport.run(script, { output: first, timeout: dumpSeconds, signal: AbortSignal.any([signal, failing.signal]) });
  const { code, stderr } = await running.catch((error: unknown) => {
    throw signal.aborted ? error : (broken ?? error);
  });
  // If the dump has failed, report that, and not the error of decompressing its incomplete output.
  if (code !== 0)
    throw new Problem({
      message: `The database ${name} on ${transport.host} could not be dumped.`,
      hint: 'The message of the dump program is above.',
      host: transport.host,
      commandExit: code,
      stderr: stderr.trim(),
    });
  await piping;
  if (broken !== undefined) throw broken;
  return size;
}
