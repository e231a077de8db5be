import { PassThrough } from 'node:stream';
import { byteCounter } from '../byte-counter.ts';
import { type Command, sh } from '../command/command.ts';
import { Problem } from '../error.ts';
import type { Transport } from '../transport/transport.ts';
import type { Item } from './listing.ts';
import { copyTimeoutSeconds, readBytes } from './old-server.ts';
import type { OldFiles } from './origin.ts';

/** A folder of a server, whose files are read or written with the rights of a user. */
export interface Place {
  readonly transport: Transport;
  readonly user: string;
  readonly root: string;
}

/** Called with the number of bytes that have been copied so far. */
export type OnBytes = (copied: number) => void;

/** Returns the files that are missing in the copy, or have another size or time of modification there. */
export function filesToCopy(items: readonly Item[], there: ReadonlyMap<string, Pick<Item, 'size' | 'seconds'>>): readonly Item[] {
  return items.filter((item) => {
    if (item.type !== 'file') return false;
    const copy = there.get(item.path);
    return copy?.size !== item.size || copy.seconds !== item.seconds;
  });
}

/** Returns names as programs read them with `--null`: as bytes, each ended by a NUL byte. */
export function namesOf(items: readonly Pick<Item, 'path'>[]): Buffer {
  return Buffer.from(items.map(({ path }) => `./${path}\0`).join(''), 'latin1');
}

/**
 * Streams files of the old site as a tar archive to `receive`. Resolves to the messages about files that could not be read.
 */
export async function sendFiles(
  from: OldFiles,
  items: readonly Item[],
  receive: (archive: PassThrough) => Promise<void>,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (items.length === 0) return [];
  const counter = byteCounter(onBytes);
  const archive = new PassThrough();
  counter.pipe(archive);
  counter.on('error', (error) => archive.destroy(error));
  counter.on('close', () => {
    if (!counter.writableFinished) archive.destroy(new Error(`${from.name} stopped sending`));
  });
  const receiving = receive(archive).finally(() => counter.destroy());
  const [sent, received] = await Promise.allSettled([from.send(items, counter, signal), receiving]);
  signal.throwIfAborted();
  // If the sender fails with a Problem, that is why the receiver fails too. Any other error of the sender may be caused by the receiver.
  if (sent.status === 'rejected' && sent.reason instanceof Problem) throw sent.reason;
  if (received.status === 'rejected') throw received.reason;
  if (sent.status === 'rejected') throw sent.reason;
  return sent.value;
}

/** Returns the SHA-256 of files by their paths. Files that cannot be read have none. */
export async function hashesOf(
  { transport, user, root }: Place,
  items: readonly Pick<Item, 'path'>[],
): Promise<ReadonlyMap<string, string>> {
  if (items.length === 0) return new Map();
  return parseHashes(await readBytes(transport, sh`hash_files ${user} ${root}`, namesOf(items), copyTimeoutSeconds));
}

/** Parses the output of `hash_files`. GNU's sha256sum begins a line with a backslash if it has escaped the name. */
export function parseHashes(output: Buffer): ReadonlyMap<string, string> {
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', '\\': '\\' };
  return new Map(
    output
      .toString('latin1')
      .split('\n')
      .flatMap((line): [string, string][] => {
        const [, escaped, hash = '', name = ''] = /^(\\?)([0-9a-f]{64}) [ *](?:\.\/)?(.*)$/s.exec(line) ?? [];
        return hash === ''
          ? []
          : [[escaped ? name.replaceAll(/\\([nr\\])/g, (_, letter: string) => escapes[letter] ?? letter) : name, hash]];
      }),
  );
}

/** Runs a command that reads the archive from standard input. Rejects with a Problem if it fails. */
export async function receiveBy(
  transport: Transport,
  command: Command,
  archive: PassThrough,
  what: string,
  signal: AbortSignal,
): Promise<string> {
  const { code, stdout, stderr } = await transport.run(command, { input: archive, timeout: copyTimeoutSeconds, signal });
  if (code !== 0)
    throw new Problem({
      message: `${what} could not be written on ${transport.host}.`,
      hint: 'Run the same command again: it continues.',
      host: transport.host,
      commandExit: code,
      stderr: stderr.trim(),
    });
  return stdout;
}
