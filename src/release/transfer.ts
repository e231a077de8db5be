import { hostname, userInfo } from 'node:os';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Changed, changedIn, digestOf, type Entry, filesIn, listOf, parseList, unescaped } from '../application/file-list.ts';
import type { Source } from '../application/source.ts';
import { keepMeanwhile, recall } from '../cache.ts';
import { type Command, lines, sh } from '../command/command.ts';
import type { Config } from '../config/config.ts';
import { type Base, effectsOf } from '../engine/effect.ts';
import type { Plan } from '../engine/plan.ts';
import { arrive, releases } from '../engine/run-libraries.ts';
import { definitionsOf } from '../engine/shell-library.ts';
import { secretsFolder, stateFolder } from '../host-paths.ts';
import type { Transport } from '../transport/transport.ts';

/** What is sent for a release: all its files, or the differences from a release on the host. */
export interface Transfer {
  readonly source: Source;
  readonly base?: Base;
  /** The entries that are new, changed or missing in the base. Their files are sent; the host creates empty folders from the order. */
  readonly filesToSend: readonly Entry[];
  /**
   * The removed entries and those to send, from which the host assembles the list: `-path` for one that is removed; `+path`, the type and
   * the hash for one that is sent. A NUL follows each field.
   */
  readonly order: string;
  /** The differences from the base. Without a base, everything is new. */
  readonly changed: Changed;
  /**
   * Set if the base was assumed without a look at the host: the new release's path, at which nothing must exist yet, and the link that must
   * lead to the base.
   */
  readonly guess?: { readonly release: string; readonly live: string };
}

/** Returns each application whose files the plan needs on the host, once even if several sites use it, with the base of its transfer. */
export function sourcesOf(plan: Plan, config: Config): readonly { readonly source: Source; readonly base?: Base }[] {
  const sources = new Map(config.sites.map(({ app }) => [app.source.digest, app.source]));
  return [...sources.values()].flatMap((source) => {
    const matching = plan.changes.flatMap((change) => effectsOf(change, 'sends').filter(({ digest }) => digest === source.digest));
    const base = matching.find((sends) => sends.base)?.base;
    return matching.length === 0 ? [] : [{ source, ...(base && { base }) }];
  });
}

/** Compares an application with a release on the host. The release's list comes from this machine's cache, or else from the host. */
export async function transferOf(transport: Transport, source: Source, base: Base | undefined): Promise<Transfer> {
  keepMeanwhile(listOf(source.entries), 'lists', source.digest);
  const before = base && (await listAt(transport, base));
  if (!base || !before) return completeTransfer(source);
  const missing = source.checksum ? [...base.missing, ...(await mismatchesIn(transport, base))] : base.missing;
  return { source, base, ...ordered(before, source.entries, missing) };
}

/** Returns the transfer of a complete application, for a host without an earlier release, or if its list of files cannot be read. */
export function completeTransfer(source: Source): Transfer {
  return { source, ...ordered([], source.entries, []) };
}

function ordered(
  before: readonly Entry[],
  after: readonly Entry[],
  missing: readonly string[],
): Pick<Transfer, 'filesToSend' | 'order' | 'changed'> {
  const changed = changedIn(before, after);
  const toSend = new Set([...changed.added, ...changed.changed, ...missing]);
  const filesToSend = after.filter(({ path }) => toSend.has(path));
  const order = [
    ...changed.removed.map((path) => `-${path}\0`),
    ...filesToSend.map(({ path, type, hash }) => `+${path}\0${type}\0${hash}\0`),
  ];
  return { changed, filesToSend, order: order.join('') };
}

/** Reads all files of a release on the host, and returns those whose content does not match its list. */
async function mismatchesIn(transport: Transport, { release, record }: Base): Promise<readonly string[]> {
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
    keepMeanwhile(list, 'lists', digest);
    return parseList(list);
  } catch {
    // If the record cannot be read, send the complete release.
    return undefined;
  }
}

/** The exit code of the arrival script if the host has changed since the survey, or differs from the assumption. */
export const changedMeanwhile = 75;

/** Returns a script that reads the order and then the files from its standard input, and assembles the upload. */
export function arrivalScript({ source, base, guess }: Transfer, orderBytes: number, id: string): Command {
  const { digest } = source;
  return lines(
    sh`STATE=${stateFolder} SECRETS=${secretsFolder} changed_meanwhile=${changedMeanwhile}`,
    definitionsOf([arrive]),
    ...(guess && base ? [sh`expect_release ${guess.release} ${guess.live} ${base.release} ${base.record}`] : []),
    sh`arrive ${digest} ${id} ${orderBytes} ${JSON.stringify(description(source))} ${base ? [base.release, base.record] : []}`,
  );
}

/** Returns what the record of a release contains besides the list of its files. `releases` shows it. */
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
    // A process may run with a user id that has no name.
    return String(process.getuid?.() ?? 'someone');
  }
}
