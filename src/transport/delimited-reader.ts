import type { Readable } from 'node:stream';
import { Problem } from '../error.ts';

/** Reads a byte stream from one marker to the next. */
export interface MarkReader {
  /** Resolves to the bytes before the marker, and consumes both. Rejects with the error given to `fail`. One call at a time. */
  until(mark: string): Promise<Buffer>;
  /** Passes everything from here on to `sink`. */
  flow(sink: (chunk: Buffer) => void): void;
  /** Makes current and later calls of `until` reject with an error. */
  fail(error: Error): void;
  /** Returns the last two kilobytes of what has arrived and was not read yet, as text. */
  rest(): string;
}

/** The limit for one answer, in bytes: several times what a host has a reason to print. */
export const maxAnswerBytes = 64 * 1024 * 1024;

/** Returns a reader of the stream. `tooMuch` is called once, when unread output exceeds the limit; the rest is dropped. */
export function readMarks(stream: Readable, tooMuch: () => void, maxBytes = maxAnswerBytes): MarkReader {
  let unread: Buffer = Buffer.alloc(65_536);
  let length = 0;
  let searched = 0;
  let waiting: { mark: Buffer; resolve: (before: Buffer) => void; reject: (error: Error) => void } | undefined;
  let sink: ((chunk: Buffer) => void) | undefined;
  let failure: Error | undefined;

  let isFull = false;

  function hold(chunk: Buffer): void {
    if (isFull) return;
    if (length + chunk.length > maxBytes) {
      isFull = true;
      tooMuch();
      return;
    }
    if (length + chunk.length > unread.length) {
      // Doubling keeps the total cost of copying linear.
      const larger = Buffer.alloc(2 * (length + chunk.length));
      unread.copy(larger, 0, 0, length);
      unread = larger;
    }
    chunk.copy(unread, length);
    length += chunk.length;
  }

  function take(end: number, skip: number): Buffer {
    const bytes = Buffer.from(unread.subarray(0, end));
    unread.copyWithin(0, end + skip, length);
    length -= end + skip;
    searched = 0;
    return bytes;
  }

  function search(): void {
    if (waiting === undefined) return;
    const { mark, resolve, reject } = waiting;
    // A marker may begin in one chunk and end in the next.
    const at = unread.subarray(0, length).indexOf(mark, Math.max(0, searched - mark.length));
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
    rest: () => unread.toString('utf8', Math.max(0, length - 2048), length),
  };
}

export function printsTooMuch(host: string): Problem {
  return new Problem({
    message: `${host} printed more than ${maxAnswerBytes / 1024 / 1024} MiB in one answer; the rest was not read.`,
    hint: 'A command there prints endlessly, or a file that is read is far too large: look at ~/.profile and ~/.bashrc of the login user, and at ls -lS /var/lib/foobar-provision.',
    host,
  });
}
