import type { Entry } from '../application/file-list.ts';
import type { Source } from '../application/source.ts';
import type { Config } from '../config/config.ts';
import { effectsOf } from '../engine/effect.ts';
import type { Plan } from '../engine/plan.ts';
import type { Survey } from '../engine/survey.ts';
import { Problem } from '../error.ts';
import { sitesFolder, stateFolder } from '../host-paths.ts';
import { sourcesOf, transferOf } from '../release/transfer.ts';
import type { Transport } from '../transport/transport.ts';

/**
 * A package takes up to six times the size of its archive once it is installed, and as much as five times that size below /var: the
 * archive, the package manager's indexes, and the data that a database lays out at its first start. It has a file in /usr for each 8 kB of its
 * archive, and one in /var for each 50 kB. Measured on the whole stack: 66 MB of archives, 374 MB in /usr, 330 MB in /var, a file for
 * each 10 kB.
 */
const factors = [
  { path: '/usr', bytes: 6, files: 1 / 8_000 },
  { path: '/var/cache', bytes: 2, files: 0 },
  { path: '/var/lib', bytes: 3, files: 1 / 50_000 },
] as const;

/** What must stay free for everything else. */
const margin = { bytes: 50e6, files: 500 } as const;

/** The bytes that the smallest file takes. */
const block = 4096;

interface Need {
  readonly bytes: number;
  readonly files: number;
}

/**
 * Rejects with a Problem if a file system has less room than the plan needs, in bytes or in files. A file system that fills up during the
 * run leaves packages half installed.
 */
export async function requireSpace(
  transport: Transport,
  plan: Plan,
  config: Config,
  { space, inodes }: Pick<Survey, 'space' | 'inodes'>,
): Promise<void> {
  const { host } = transport;
  const short = [...(await neededSpace(transport, plan, config, space))].flatMap(([mount, need]) => {
    const free = (space.get(mount) ?? 0) * 1024;
    const room = inodes.get(mount);
    const [bytes, files] = [need.bytes + margin.bytes, Math.ceil(need.files + margin.files)];
    return [
      ...(free < bytes ? [`${mount} has ${Math.floor(free / 1e6)} MB free and needs about ${Math.ceil(bytes / 1e6)} MB`] : []),
      ...(room !== undefined && room < files ? [`${mount} has room for ${room} more files and needs about ${files}`] : []),
    ];
  });
  if (short.length === 0) return;
  throw new Problem({
    message: `There is too little space on ${host}: ${short.join('; ')}.`,
    hint: 'Make room there (`apt-get clean` and `journalctl --vacuum-size=50M` often help; `du --inodes -d 2` finds masses of small files) or give it a larger disk, then run again.',
    host,
  });
}

/** Resolves to the space that the plan needs, by mount point. */
async function neededSpace(transport: Transport, plan: Plan, config: Config, space: Survey['space']): Promise<ReadonlyMap<string, Need>> {
  const needs = new Map<string, Need>();
  const need = (path: string, { bytes, files }: Need) => {
    const mount = mountOf(path, space);
    const known = mount === undefined ? undefined : (needs.get(mount) ?? { bytes: 0, files: 0 });
    if (mount !== undefined && known && bytes > 0) needs.set(mount, { bytes: known.bytes + bytes, files: known.files + files });
  };
  const archives = plan.changes.flatMap((change) => effectsOf(change, 'fetches'))[0]?.bytes ?? 0;
  for (const { path, bytes, files } of factors) need(path, { bytes: archives * bytes, files: archives * files });
  // Uploads arrive in the one folder and are moved to the other.
  const isOne = mountOf(stateFolder, space) === mountOf(sitesFolder, space);
  for (const { source, base } of sourcesOf(plan, config)) {
    // Unchanged files are linked, or copied if that is impossible.
    const { filesToSend } = isOne ? await transferOf(transport, { ...source, checksum: false }, base) : { filesToSend: source.entries };
    const release = sum(sizeOfFiles(source, filesToSend), { bytes: foldersOf(source) * block, files: foldersOf(source) });
    need(sitesFolder, sum(release, sizeOfFiles(source, copied(config, source))));
    if (!isOne) need(stateFolder, release);
  }
  return needs;
}

function sum(one: Need, other: Need): Need {
  return { bytes: one.bytes + other.bytes, files: one.files + other.files };
}

function sizeOfFiles({ sizes }: Source, entries: readonly Entry[]): Need {
  const blocks = entries.map(({ path }) => Math.ceil((sizes.get(path) ?? 0) / block));
  return { bytes: blocks.reduce((all, count) => all + count * block, 0), files: entries.length };
}

/** Returns the shared and the writable files, which a release has copies of. */
function copied({ sites }: Config, source: Source): readonly Entry[] {
  return sites.flatMap(({ app }) => {
    const apart = app.source.digest === source.digest ? [...app.writable, ...app.shared] : [];
    return source.entries.filter(({ path }) => apart.some((each) => `${path}/`.startsWith(`${each}/`)));
  });
}

function foldersOf({ entries }: Source): number {
  const found = new Set<string>();
  for (const { path } of entries) {
    let end = path.lastIndexOf('/');
    while (end > 0 && !found.has(path.slice(0, end))) {
      found.add(path.slice(0, end));
      end = path.lastIndexOf('/', end - 1);
    }
  }
  return found.size;
}

/** Returns the mount point of a path, or undefined if it is unknown. */
function mountOf(path: string, space: Survey['space']): string | undefined {
  return [...space.keys()]
    .filter((mount) => mount === '/' || path === mount || path.startsWith(`${mount}/`))
    .sort((one, other) => other.length - one.length)[0];
}
