import { pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { countText, sizeText } from '../amount.ts';
import { sh } from '../command/command.ts';
import type { Site } from '../config/config.ts';
import type { Mask } from '../config/mask.ts';
import { urlReplacer } from '../database/replace-urls.ts';
import { rewriteDump } from '../database/rewrite-dump.ts';
import { onDatabase, type SiteDatabase } from '../database/site-database.ts';
import { type DatabaseSummary, summaryOf } from '../database/summary.ts';
import { Problem } from '../error.ts';
import { waitForActiveRun } from './active-run.ts';
import type { Result } from './event.ts';
import { dumpTo } from './export-database.ts';
import { replaceSafely } from './import-database.ts';
import { onlyHostWith } from './only-host.ts';
import type { Context, Fleet } from './session.ts';
import { siteDatabase } from './site-database.ts';
import { doneResult, totalOf } from './summarize.ts';

/** One environment of a configuration, with a session on its hosts. */
export interface Environment {
  /** `production` for the configuration without an overlay. */
  readonly name: string;
  readonly fleet: Fleet;
}

export interface CopyDatabaseRequest {
  readonly from: Environment;
  readonly to: Environment;
  readonly site?: string | undefined;
  /** True if replacing the target's data was approved in advance. This is not enough for production. */
  readonly approved?: boolean | undefined;
  /** Resolves to true if the user has typed this domain to confirm that the data of the production site may be replaced. */
  readonly hasTyped: (domain: string) => Promise<boolean>;
}

/**
 * Replaces a site's database in one environment with its database from another. Masks personal data, and changes the URLs of WordPress to
 * those of the target. The data streams through this machine and is not stored on it.
 */
export async function copySiteDatabase({ from, to, site, approved, hasTyped }: CopyDatabaseRequest, context: Context): Promise<Result> {
  const source = onlyHostWith(from.fleet, 'database', 'A copy');
  const target = await waitForActiveRun(onlyHostWith(to.fleet, 'database', 'A copy'), context);
  const [sourceSite, targetSite] = sitesOf(source.config.sites, target.config.sites, site);
  const [old, own] = [siteDatabase(source, sourceSite), siteDatabase(target, targetSite)];
  if (old.name === own.name && source.transport.address === target.transport.address)
    throw new Problem({
      message: `${from.name} and ${to.name} are the same database, ${own.name} on ${own.transport.host}.`,
      hint: 'Set a different server or domain in one of the environments.',
    });
  const [has, before] = await Promise.all([summaryOf(old), summaryOf(own)]);
  const masks = new Map(Object.entries({ ...targetSite.database.masks, ...sourceSite.database.masks }));
  await requireColumns(old, masks);
  requireSpace(own, before, has);
  if (!(await isAgreed(to, own, before, from, { approved, hasTyped }, context))) return totalOf([doneResult(own.transport.host, 0, 1)]);
  const replacer = replacerOf(sourceSite, targetSite);
  const what = `${from.name}'s database`;
  const failing = new AbortController();
  const signal = AbortSignal.any([context.signal, failing.signal]);
  let broken: unknown;
  const read = () => {
    const rewriting = rewriteDump({ masks, replacer });
    const packing = createGzip({ level: 3 });
    // If the dump is incomplete, the error on this stream stops the import on the target.
    pipeline(rewriting, packing, () => {});
    dumpTo(old, rewriting, true, { emit: () => {}, signal }, ['--complete-insert']).catch((error: unknown) => {
      broken = error;
      packing.destroy(error instanceof Error ? error : new Error(String(error)));
    });
    return packing;
  };
  try {
    await replaceSafely(own, before, { kind: 'stream', compression: 'gz', read }, { what, size: undefined }, { ...context, signal });
  } catch (error) {
    failing.abort();
    throw context.signal.aborted ? error : (broken ?? error);
  }
  say(context, own, masks, replacer !== undefined, sourceSite, targetSite);
  return totalOf([doneResult(own.transport.host, 1, 1)]);
}

function say(
  { emit }: Context,
  { transport: { host } }: SiteDatabase,
  masks: ReadonlyMap<string, Mask>,
  replaced: boolean,
  from: Site,
  to: Site,
) {
  const parts = [
    masks.size > 0 ? `${countText(masks.size, 'column')} masked` : 'nothing masked (database.mask)',
    ...(replaced ? [`addresses of ${from.names[0] ?? from.domain} replaced by those of ${to.names[0] ?? to.domain}`] : []),
  ];
  emit({ event: 'check', host, check: { name: 'database', state: masks.size > 0 ? 'ok' : 'warning', detail: parts.join('; ') } });
}

/**
 * Returns the site in both environments, paired by its position in the lists of sites. A name may be a domain in either environment; without
 * one, each environment must have only one site.
 */
function sitesOf(from: readonly Site[], to: readonly Site[], named: string | undefined): readonly [Site, Site] {
  const index =
    named === undefined
      ? 0
      : Math.max(
          to.findIndex(({ domain }) => domain === named),
          from.findIndex(({ domain }) => domain === named),
        );
  const [source, target] = [from[index], to[index]];
  if (source && target && (named !== undefined || (from.length === 1 && to.length === 1))) return [source, target];
  throw new Problem({
    message:
      named === undefined
        ? 'The configuration has several sites, so the command needs the name of one.'
        : `There is no site ${named} in both environments.`,
    hint: `Choose one of ${[...new Set([...to, ...from].map(({ domain }) => domain))].join(', ')} with --site.`,
  });
}

function replacerOf(source: Site, target: Site) {
  const [name = target.domain] = target.names;
  const from = source.names.filter((each) => !target.names.includes(each));
  if (source.app.source.recognized.name !== 'WordPress' || from.length === 0) return undefined;
  const isSecure = target.https.certificate.kind !== 'none' && target.https.certificate.kind !== 'auto';
  return urlReplacer({ from, to: { name, scheme: isSecure ? 'https' : 'http' } });
}

/** Rejects with a Problem if a mask names a column that the database does not have, because a typo would copy personal data unmasked. */
async function requireColumns({ transport, name }: SiteDatabase, masks: ReadonlyMap<string, Mask>): Promise<void> {
  if (masks.size === 0) return;
  const { stdout, code, stderr } = await transport.script(onDatabase(sh`list_columns ${name}`));
  if (code !== 0) throw new Problem({ message: `The columns of ${name} cannot be read.`, host: transport.host, stderr: stderr.trim() });
  const text = (hex = '') => Buffer.from(hex, 'hex').toString('utf8');
  const known = new Set(stdout.split('\n').map((line) => line.split('\t').map(text).join('.')));
  const missing = [...masks.keys()].filter((column) => !known.has(column));
  if (missing.length === 0) return;
  throw new Problem({
    message: `database.mask names columns that ${name} on ${transport.host} does not have: ${missing.join(', ')}.`,
    hint: 'Correct the names of the tables and columns. Otherwise, personal data would be copied unmasked.',
    host: transport.host,
  });
}

function requireSpace({ transport: { host } }: SiteDatabase, { free }: DatabaseSummary, { size }: DatabaseSummary): void {
  if (size < free) return;
  throw new Problem({
    message: `The copy needs ${sizeText(size)} where the database of ${host} has its data, and ${sizeText(free)} are free there.`,
    hint: 'Free some space there. The old data stays on the disk while the copy is loaded.',
    host,
  });
}

async function isAgreed(
  to: Environment,
  { name, domain, transport: { host } }: SiteDatabase,
  { tables }: DatabaseSummary,
  from: Environment,
  { approved, hasTyped }: Pick<CopyDatabaseRequest, 'approved' | 'hasTyped'>,
  { confirm }: Context,
): Promise<boolean> {
  if (/^prod(?:uction)?$/.test(to.name)) {
    if (await hasTyped(domain)) return true;
    throw new Problem({
      message: `${to.name} is not replaced, because the name of its site, ${domain}, was not typed.`,
      hint: `Run the command in a terminal and type the domain when asked, or add --confirm ${domain}. --yes is not enough for production.`,
      host,
    });
  }
  if (tables === 0 || approved) return true;
  const what = `the ${countText(tables, 'table')} of ${name} on ${host} (${to.name})`;
  if (confirm) return confirm(`Replace ${what} with those of ${from.name}? A snapshot is kept.`);
  throw new Problem({
    message: `There is no terminal to ask for confirmation, so ${what} were not replaced.`,
    hint: 'Run again with --yes to replace them. A snapshot is kept.',
    host,
  });
}
