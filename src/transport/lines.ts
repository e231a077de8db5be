/** Splits chunks of bytes into complete lines, joining lines and characters that are split between two chunks. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Passes on a last line that has no newline. */
  end(): void;
}

const newline = 0x0a;

export function splitLines(onLine: ((line: string) => void) | undefined): LineSplitter {
  let pending: Buffer[] = [];
  return {
    push(chunk) {
      if (onLine === undefined) return;
      let start = 0;
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
        onLine(Buffer.concat([...pending, chunk.subarray(start, at)]).toString('utf8'));
        pending = [];
        start = at + 1;
      }
      if (start < chunk.length) pending.push(chunk.subarray(start));
    },
    end() {
      if (pending.length > 0) onLine?.(Buffer.concat(pending).toString('utf8'));
      pending = [];
    },
  };
}
