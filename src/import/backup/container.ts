import { type Readable, Transform } from 'node:stream';
import { messageOf, Problem } from '../../error.ts';
import type { Item } from '../listing.ts';

/** A backup on this machine: an archive or a folder. What it contains is not trusted. */
export interface Container {
  /** The path as the user named it. */
  readonly name: string;
  /** Calls `visit` with each entry, in the order of the archive, until it returns `stop`. */
  readonly walk: (visit: Visit, signal: AbortSignal) => Promise<void>;
}

/** Opens the content of an entry. It is called at most once, and only while the entry is visited. */
export type Content = () => Promise<Readable>;

/** `number` is the entry's place in the archive, because an archive may have several entries of one name, of which the last counts. */
export type Visit = (item: Item, number: number, content: Content) => Promise<'stop' | undefined>;

/** The limits of an archive that is read. */
export const limits = {
  entries: 1_000_000,
  /** How many times its own size an archive may unpack to, if that is more than `freeBytes`. Text becomes up to 50 times smaller. */
  ratio: 200,
  freeBytes: 2_000_000_000,
} as const;

/** Returns the number of bytes that compressed data of a size may unpack to. */
export function unpackedLimit(compressedBytes: number): number {
  return Math.max(limits.freeBytes, compressedBytes * limits.ratio);
}

/** Returns a stream that passes at most so many bytes on, and then fails. */
export function limited(name: string, bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      left -= chunk.length;
      done(left < 0 ? tooLarge(name) : null, chunk);
    },
  });
}

export function tooLarge(name: string): Problem {
  return new Problem({
    message: `${name} unpacks to more than ${limits.ratio} times its own size, or has more than ${limits.entries} entries.`,
    hint: 'That is unusual for a backup. If you trust it, unpack it yourself and import the folder.',
  });
}

/** Returns a Problem about an archive that cannot be read. */
export function broken(name: string, cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  const message = messageOf(cause);
  return new Problem({
    message: `${name} cannot be read to its end: ${message}.`,
    hint: 'It is incomplete or damaged. Compare its size with the original, and copy it again.',
    cause,
  });
}
