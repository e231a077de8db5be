import type { Readable } from 'node:stream';
import { Problem } from '../error.ts';

/** A byte stream that is read from one mark to the next. */
export interface MarkReader {
  /** The bytes before the mark, which is taken away with them. Rejects with what `fail` was given. One call at a time. */
  until(mark: string): Promise<Buffer>;
  /** Hands over all that comes from here on. */
  flow(sink: (chunk: Buffer) => void): void;
  /** Ends the waiting, now and later, with an error. */
  fail(error: Error): void;
  /** What has come and is not yet read, its last two kilobytes as text. */
  rest(): string;
}

/** Bytes that are held of one answer: several times the longest that a host has a reason to give. */
export const longestAnswer = 64 * 1024 * 1024;

/** Reads a stream from mark to mark. `tooMuch` is called once, where more comes than is held; what comes after that is dropped. */
export function readMarks(stream: Readable, tooMuch: () => void, longest = longestAnswer): MarkReader {
  let held: Buffer = Buffer.alloc(65_536);
  let length = 0;
  let searched = 0;
  let waiting: { mark: Buffer; resolve: (before: Buffer) => void; reject: (error: Error) => void } | undefined;
  let sink: ((chunk: Buffer) => void) | undefined;
  let failure: Error | undefined;

  let isFull = false;

  function hold(chunk: Buffer): void {
    if (isFull) return;
    if (length + chunk.length > longest) {
      isFull = true;
      tooMuch();
      return;
    }
    if (length + chunk.length > held.length) {
      // Doubling keeps the copying linear in the output.
      const larger = Buffer.alloc(2 * (length + chunk.length));
      held.copy(larger, 0, 0, length);
      held = larger;
    }
    chunk.copy(held, length);
    length += chunk.length;
  }

  function take(end: number, skip: number): Buffer {
    const taken = Buffer.from(held.subarray(0, end));
    held.copyWithin(0, end + skip, length);
    length -= end + skip;
    searched = 0;
    return taken;
  }

  function search(): void {
    if (waiting === undefined) return;
    const { mark, resolve, reject } = waiting;
    // A mark may begin in one chunk and end in the next.
    const at = held.subarray(0, length).indexOf(mark, Math.max(0, searched - mark.length));
    searched = length;
    if (at < 0 && failure === undefined) return;
    waiting = undefined;
    if (at >= 0) resolve(take(at, mark.length));
    else if (failure !== undefined) reject(failure);
  }

  stream.on('data', (chunk: Buffer) => {
    if (sink !== undefined) return sink(chunk);
    hold(chunk);
    search();
  });

  return {
    until(mark) {
      return new Promise((resolve, reject) => {
        waiting = { mark: Buffer.from(mark), resolve, reject };
        searched = 0;
        search();
      });
    },
    flow(next) {
      sink = next;
      if (length > 0) next(take(length, 0));
    },
    fail(error) {
      failure ??= error;
      search();
    },
    rest: () => held.toString('utf8', Math.max(0, length - 2048), length),
  };
}

export function printsTooMuch(host: string): Problem {
  return new Problem({
    message: `${host} printed more than ${longestAnswer / 1024 / 1024} MiB in one answer; the rest was not read.`,
    hint: 'A command there prints endlessly, or a file that is read is far too large: look at ~/.profile and ~/.bashrc of the login user, and at ls -lS /var/lib/foobar-provision.',
    host,
  });
}
