import { hostname, userInfo } from 'node:os';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Changed, changedIn, digestOf, type Entry, filesIn, listOf, parseList, unescaped } from '../application/file-list.ts';
import type { Source } from '../application/source.ts';
import { keep, recall } from '../cache.ts';
import { type Command, lines, sh } from '../command/command.ts';
import type { Config } from '../config/config.ts';
import { type Base, effectsOf } from '../engine/effect.ts';
import type { Plan } from '../engine/plan.ts';
import { arrive, releases } from '../engine/run-libraries.ts';
import { definitionsOf } from '../engine/shell-library.ts';
import { secretsFolder, stateFolder } from '../host-paths.ts';
import type { Transport } from '../transport/transport.ts';

/** What travels for a release: its files, or what differs from one that is there. */
export interface Parcel {
  readonly source: Source;
  readonly base?: Base;
  /** What comes; of it the files travel, and the host makes the empty folders from the order. */
  readonly coming: readonly Entry[];
  /** What goes and what comes, for the host to make the list from: `-path`, or `+path`, its type and its hash, each ended by NUL. */
  readonly order: string;
  /** What became of the base; all is new where there is none. */
  readonly changed: Changed;
  /** Where the host was not looked at: the release's own path, at which nothing may be yet, and the link that has to lead to the base. */
  readonly guess?: { readonly release: string; readonly live: string };
}

/** The applications whose files the plan needs on the host, each once however many sites have it. */
export function sourcesOf(plan: Plan, config: Config): readonly { readonly source: Source; readonly base?: Base }[] {
  const sources = new Map(config.sites.map(({ app }) => [app.source.digest, app.source]));
  return [...sources.values()].flatMap((source) => {
    const wanted = plan.changes.flatMap((change) => effectsOf(change, 'sends').filter(({ digest }) => digest === source.digest));
    const base = wanted.find((sends) => sends.base)?.base;
    return wanted.length === 0 ? [] : [{ source, ...(base && { base }) }];
  });
}

/** Compares an application with the release that is there. The list of that one is known here from when it was sent, or else asked for. */
export async function parcelOf(transport: Transport, source: Source, base: Base | undefined): Promise<Parcel> {
  const [before] = await Promise.all([base && listAt(transport, base), keep(listOf(source.entries), 'lists', source.digest)]);
  if (!base || !before) return whole(source);
  const missing = source.checksum ? [...base.missing, ...(await wrongIn(transport, base))] : base.missing;
  return { source, base, ...ordered(before, source.entries, missing) };
}

/** All of an application, for a host that has nothing of it. */
export function whole(source: Source): Parcel {
  return { source, ...ordered([], source.entries, []) };
}

function ordered(
  before: readonly Entry[],
  after: readonly Entry[],
  missing: readonly string[],
): Pick<Parcel, 'coming' | 'order' | 'changed'> {
  const changed = changedIn(before, after);
  const anew = new Set([...changed.added, ...changed.changed, ...missing]);
  const coming = after.filter(({ path }) => anew.has(path));
  const order = [...changed.removed.map((path) => `-${path}\0`), ...coming.map(({ path, type, hash }) => `+${path}\0${type}\0${hash}\0`)];
  return { changed, coming, order: order.join('') };
}

/** The files of a release that no longer hold what its list says, by reading all of them. */
async function wrongIn(transport: Transport, { release, record }: Base): Promise<readonly string[]> {
  const { stdout } = await transport.script(lines(definitionsOf([releases]), sh`releases hash ${release} ${record} 2>/dev/null`), {
    timeout: 600,
  });
  return stdout.split('\n').filter(Boolean).map(unescaped);
}

async function listAt(transport: Transport, { record, digest }: Base): Promise<readonly Entry[] | undefined> {
  const known = await recall('lists', digest);
  if (known !== undefined && digestOf(known) === digest) return parseList(known);
  const { stdout } = await transport.script(sh`gzip -c ${`${record}/list`} | base64 -w 0`);
  try {
    const list = gunzipSync(Buffer.from(stdout, 'base64')).toString('utf8');
    if (digestOf(list) !== digest) return undefined;
    await keep(list, 'lists', digest);
    return parseList(list);
  } catch {
    // A record that cannot be read makes this a release without a base.
    return undefined;
  }
}

/** What the script exits with where the host is no longer what it was when it was looked at, or was taken for. */
export const changedMeanwhile = 75;

/** Takes the order and then the files from its standard input, and makes the arrival of them. */
export function arrivalScript({ source, base, guess }: Parcel, orderBytes: number, id: string): Command {
  const { digest } = source;
  return lines(
    sh`STATE=${stateFolder} SECRETS=${secretsFolder} changed_meanwhile=${changedMeanwhile}`,
    definitionsOf([arrive]),
    ...(guess && base ? [sh`expect_release ${guess.release} ${guess.live} ${base.release} ${base.record}`] : []),
    sh`arrive ${digest} ${id} ${orderBytes} ${JSON.stringify(description(source))} ${base ? [base.release, base.record] : []}`,
  );
}

/** What is known of a release besides its files, for people. */
function description({ digest, size, entries, folder, origin }: Source): object {
  return {
    schema: 1,
    digest,
    createdAt: new Date().toISOString(),
    files: filesIn(entries).length,
    size,
    source: origin?.url ?? basename(folder),
    ...(origin && { ref: origin.ref, commit: origin.commit }),
    by: `${userName()}@${hostname()}`,
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A process may run under a number that has no name.
    return String(process.getuid?.() ?? 'someone');
  }
}
