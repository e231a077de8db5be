/** A clock that stands still while a person is being asked. */
export interface Deadline {
  /** Runs something that takes as long as a person takes. */
  paused<T>(work: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** Calls `expired` after so many milliseconds, those in `paused` not counted. */
export function deadline(milliseconds: number, expired: () => void): Deadline {
  let left = milliseconds;
  let since = Date.now();
  let stopped = false;
  let timer = setTimeout(expired, left);
  return {
    async paused(work) {
      clearTimeout(timer);
      left -= Date.now() - since;
      try {
        return await work();
      } finally {
        since = Date.now();
        if (!stopped) timer = setTimeout(expired, Math.max(left, 0));
      }
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** `setTimeout` runs at once what is due later than this, some 24 days. */
const longest = 2 ** 31 - 1;

/** Seconds as `setTimeout` can take them. */
export function toTimer(seconds: number): number {
  return Math.min(seconds * 1000, longest);
}
