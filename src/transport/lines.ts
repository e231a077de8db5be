/** Bytes in, complete lines out: a character or a line that two chunks share is put together first. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Hands over a last line that has no newline. */
  end(): void;
}

const newline = 0x0a;

export function splitLines(onLine: ((line: string) => void) | undefined): LineSplitter {
  let held: Buffer[] = [];
  return {
    push(chunk) {
      if (onLine === undefined) return;
      let start = 0;
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
        onLine(Buffer.concat([...held, chunk.subarray(start, at)]).toString('utf8'));
        held = [];
        start = at + 1;
      }
      if (start < chunk.length) held.push(chunk.subarray(start));
    },
    end() {
      if (held.length > 0) onLine?.(Buffer.concat(held).toString('utf8'));
      held = [];
    },
  };
}
