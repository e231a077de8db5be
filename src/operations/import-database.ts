import { countText, sizeText } from '../amount.ts';
import type { DumpSource } from '../database/dump-source.ts';
import { sent } from '../database/dump-source.ts';
import { type Replacement, replaceDatabase } from '../database/replace.ts';
import type { SiteDatabase } from '../database/site-database.ts';
import { snapshotsOf, takeSnapshot } from '../database/snapshot.ts';
import { type DatabaseSummary, summaryOf } from '../database/summary.ts';
import { Problem } from '../error.ts';
import { waitForActiveRun } from './active-run.ts';
import { chosenSite } from './chosen-site.ts';
import { copyProgress } from './copy-progress.ts';
import type { Result } from './event.ts';
import { onlyHostWith } from './only-host.ts';
import type { Context, Fleet } from './session.ts';
import { siteDatabase } from './site-database.ts';
import { doneResult, totalOf } from './summarize.ts';

export interface ImportDatabaseRequest {
  readonly site?: string | undefined;
  /** A dump on this machine, or the id of a snapshot on the host. */
  readonly from: { readonly kind: 'dump'; readonly dump: DumpSource } | { readonly kind: 'snapshot'; readonly id: string };
  /** True if replacing the database was approved in advance. */
  readonly approved?: boolean | undefined;
}

/** Replaces a site's database with a dump or a snapshot. The site keeps its old data until the new data is complete. */
export async function importDatabase(
  { site: named, from, approved }: ImportDatabaseRequest,
  fleet: Fleet,
  context: Context,
): Promise<Result> {
  const session = await waitForActiveRun(onlyHostWith(fleet, 'database', 'An import'), context);
  const site = await chosenSite(session.config, named, 'An import', context);
  const database = siteDatabase(session, site);
  const before = await summaryOf(database);
  const what = from.kind === 'dump' ? from.dump.name : `the snapshot ${from.id}`;
  if (from.kind === 'snapshot') await requireSnapshot(database, from.id);
  else requireSpace(database, before, from.dump);
  if (!approved && !(await isAgreed(database, before, what, context))) return totalOf([doneResult(session.transport.host, 0, 1)]);
  await replaceSafely(database, before, from.kind === 'dump' ? streamOf(from.dump, before) : from, { what, size: sizeOf(from) }, context);
  return totalOf([doneResult(session.transport.host, 1, 1)]);
}

function sizeOf(from: ImportDatabaseRequest['from']): number | undefined {
  return from.kind === 'dump' ? from.dump.size : undefined;
}

function streamOf(dump: DumpSource, { programs }: DatabaseSummary): Replacement {
  return { kind: 'stream', ...sent(dump, programs) };
}

/** Takes a snapshot of the database if it has tables, replaces it, and shows what it contains afterwards. */
export async function replaceSafely(
  database: SiteDatabase,
  before: DatabaseSummary,
  replacement: Replacement,
  { what, size }: { readonly what: string; readonly size: number | undefined },
  { emit, signal }: Context,
): Promise<void> {
  const { host } = database.transport;
  const say = (state: 'ok' | 'warning', detail: string, hint?: string) =>
    emit({ event: 'check', host, check: { name: 'database', state, detail, ...(hint !== undefined && { hint }) } });
  const keepSnapshot = async () => {
    if (before.tables === 0) return;
    emit({ event: 'stage', host, text: `keeping a snapshot of ${database.name}` });
    const snapshot = await takeSnapshot(database, new Date(), signal);
    say(
      'ok',
      `The old data (${countText(before.tables, 'table')}) is kept on the host: snapshot ${snapshot.id}, ${sizeText(snapshot.size)}`,
      `To restore it: foobar-provision db import --snapshot ${snapshot.id} --site ${database.domain}`,
    );
    emit({ event: 'stage', host, text: 'exchanging the tables' });
  };
  emit({ event: 'stage', host, text: `importing ${what}` });
  const progress = copyProgress(emit, host, `importing ${what}`);
  const onBytes = (bytes: number) => progress(bytes, size);
  const notes = await replaceDatabase(database, replacement, { onBytes, beforeExchange: keepSnapshot, signal });
  for (const note of notes) say('warning', `In the dump, ${note}.`);
  const after = await summaryOf(database);
  say('ok', `${what} is live: ${countText(after.tables, 'table')} in ${database.name}, ${sizeText(after.size)}, ${after.server}`);
}

async function isAgreed(
  { name, transport: { host } }: SiteDatabase,
  { tables, size }: DatabaseSummary,
  what: string,
  { confirm }: Context,
) {
  if (tables === 0) return true;
  const has = `the ${countText(tables, 'table')} (${sizeText(size)}) of ${name} on ${host}`;
  if (confirm) return confirm(`Replace ${has} with ${what}? A snapshot is kept.`);
  throw new Problem({
    message: `There is no terminal to ask for confirmation, so ${has} were not replaced.`,
    hint: 'Run again with --yes to replace them. A snapshot is kept.',
    host,
  });
}

async function requireSnapshot(database: SiteDatabase, id: string): Promise<void> {
  const all = await snapshotsOf(database);
  if (all.some((each) => each.id === id)) return;
  throw new Problem({
    message: `${database.transport.host} has no snapshot ${id} of the database of ${database.domain}.`,
    hint: all.length === 0 ? 'It has none. An import keeps one if it replaces data.' : `It has ${all.map((each) => each.id).join(', ')}.`,
    host: database.transport.host,
  });
}

/** The least number of times by which a compressed dump grows on the server. SQL nearly always compresses better than this. */
const leastRatio = 4;

function requireSpace({ transport: { host } }: SiteDatabase, { free }: DatabaseSummary, { size, compression, name }: DumpSource): void {
  const needed = (size ?? 0) * (compression === 'plain' ? 1 : leastRatio);
  if (needed < free) return;
  throw new Problem({
    message: `${name} needs at least ${sizeText(needed)} where the database of ${host} has its data, and ${sizeText(free)} are free there.`,
    hint: 'Free some space there. The old data stays on the disk while a dump is loaded.',
    host,
  });
}
