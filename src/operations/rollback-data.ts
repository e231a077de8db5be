import { countText, sizeText } from '../amount.ts';
import type { Config } from '../config/config.ts';
import { type Snapshot, snapshotsOf } from '../database/snapshot.ts';
import { summaryOf } from '../database/summary.ts';
import { Problem } from '../error.ts';
import { type Release, snapshotAfter } from '../release/inventory.ts';
import { replaceSafely } from './import-database.ts';
import type { Context, HostSession } from './session.ts';
import { siteDatabase } from './site-database.ts';

export interface DataRollback {
  readonly domain: string;
  readonly to: Release;
  /** The releases of the site on the host. */
  readonly releases: readonly Release[];
  /** True if replacing the data was approved in advance. */
  readonly approved: boolean | undefined;
}

/**
 * Restores a site's database as it was before the first migration that ran after `to` was live. The present data is kept in another snapshot.
 * Resolves to whether that was approved. Rejects with a Problem if the host has no such snapshot.
 */
export async function rollBackData(
  session: HostSession,
  { domain, to, releases, approved }: DataRollback,
  context: Context,
): Promise<boolean> {
  const { host } = session.transport;
  const database = siteDatabase(session, siteNamed(session.config, domain));
  const snapshot = snapshotIn(await snapshotsOf(database), { domain, to, releases, host });
  const before = await summaryOf(database);
  const has = `the ${countText(before.tables, 'table')} (${sizeText(before.size)}) of ${database.name} on ${host}`;
  const question = `Replace ${has} with the snapshot of ${timeOf(snapshot.id)}, and go back to ${to.id}? What was stored since is only in a new snapshot.`;
  if (!approved && !context.confirm)
    throw new Problem({
      message: `There is no terminal to ask for confirmation, so ${has} were not replaced.`,
      hint: `Run again with --yes to replace them with the snapshot of ${timeOf(snapshot.id)}. A snapshot of them is kept.`,
      host,
    });
  if (!approved && !(await context.confirm?.(question))) return false;
  const what = `the snapshot ${snapshot.id}`;
  await replaceSafely(database, before, { kind: 'snapshot', id: snapshot.id }, { what, size: undefined }, context);
  return true;
}

function siteNamed({ sites }: Config, domain: string): Config['sites'][number] {
  return sites.find((site) => site.domain === domain) ?? sites[0];
}

interface Wanted extends Pick<DataRollback, 'domain' | 'to' | 'releases'> {
  readonly host: string;
}

function snapshotIn(kept: readonly Snapshot[], { domain, to, releases, host }: Wanted): Snapshot {
  const id = snapshotAfter(to, releases);
  if (id === undefined)
    throw new Problem({
      message: `No snapshot of the database of ${domain} was taken after ${to.id} was live, because no later release had migrations.`,
      hint: 'Go back without --data: foobar-provision rollback. If a command of yours changed the database, restore a backup.',
      host,
    });
  const found = kept.find((each) => each.id === id);
  if (found) return found;
  throw new Problem({
    message: `The snapshot ${id} of the database of ${domain} is no longer on ${host}. The last ${kept.length === 1 ? 'one is' : `${kept.length} are`} kept.`,
    hint:
      kept.length > 0
        ? `It has ${kept.map((each) => each.id).join(', ')}: foobar-provision db import --snapshot ID restores one.`
        : 'Restore a backup: foobar-provision backup list',
    host,
  });
}

/** Returns the time of a snapshot as text: `2026-12-01 04:25 UTC`. */
function timeOf(id: string): string {
  return id.replace(/^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)\d\d$/, '$1-$2-$3 $4:$5 UTC');
}
