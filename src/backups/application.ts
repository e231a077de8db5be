import { existsSync } from 'node:fs';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Turns the unpacked files of a release into the application as it was sent: without what the host added, and with the originals of the paths that
 * the application may write. `record` is the folder of the release's record.
 */
export async function asSent(release: string, record: string): Promise<void> {
  await rm(join(release, '.foobar-provision'), { recursive: true, force: true });
  const replaced = existsSync(join(record, 'apart')) ? (await readFile(join(record, 'apart'), 'utf8')).split('\0').filter(Boolean) : [];
  // Parents first: a folder that the application may write can contain links, which must not be followed.
  for (const path of replaced.toSorted()) await rm(join(release, path), { recursive: true, force: true });
  const originals = join(record, 'apart.d');
  if (existsSync(originals)) await cp(originals, release, { recursive: true, verbatimSymlinks: true });
}
