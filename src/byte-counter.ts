import { Transform } from 'node:stream';

/** Returns a stream that passes everything on, and calls `onBytes` with the number of bytes so far after each chunk. */
export function byteCounter(onBytes: (total: number) => void): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      total += chunk.length;
      onBytes(total);
      done(null, chunk);
    },
  });
}
