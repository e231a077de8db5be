import { sh } from '../command/command.ts';
import { Problem } from '../error.ts';
import { keptSnapshots } from '../resources/snapshot.ts';
import { loginWords, onDatabase, type SiteDatabase } from './site-database.ts';

/** A copy of a database that was taken before it was replaced or migrated. */
export interface Snapshot {
  readonly id: string;
  /** In bytes, compressed. */
  readonly size: number;
}

/** Takes a snapshot of a site's database on its host, and removes all but the newest `keptSnapshots`. */
export async function takeSnapshot(database: SiteDatabase, at: Date, signal: AbortSignal): Promise<Snapshot> {
  const { transport, domain, name } = database;
  const id = at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const script = onDatabase(sh`take_snapshot ${domain} ${id} ${keptSnapshots} ${loginWords(database)} && list_snapshots ${domain}`);
  const { code, stdout, stderr } = await transport.run(script, { timeout: 6 * 3600, signal });
  if (code !== 0)
    throw new Problem({
      message: `A snapshot of the database ${name} could not be taken on ${transport.host}, so the database was not replaced.`,
      hint: 'The error message is above. Fix that error, then run this command again.',
      host: transport.host,
      commandExit: code,
      stderr: stderr.trim(),
    });
  return parseSnapshots(stdout).find((each) => each.id === id) ?? { id, size: 0 };
}

/** Resolves to the snapshots of a site's database on its host, newest first. */
export async function snapshotsOf({ transport, domain }: SiteDatabase): Promise<readonly Snapshot[]> {
  return parseSnapshots((await transport.script(onDatabase(sh`list_snapshots ${domain}`))).stdout);
}

function parseSnapshots(output: string): readonly Snapshot[] {
  return [...output.matchAll(/^(\d{8}-\d{6}) (\d+)$/gm)].map(([, id = '', size = '0']) => ({ id, size: Number(size) }));
}
