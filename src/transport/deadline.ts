/** A timeout that is paused while a person is being asked. */
export interface Deadline {
  /** Runs `work` with the timeout paused. */
  paused<T>(work: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** Calls `expired` after this many milliseconds, not counting the time in `paused`. */
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

/** The longest delay that `setTimeout` supports, about 24 days. With a longer one it runs the callback immediately. */
const maxDelayMs = 2 ** 31 - 1;

/** Converts seconds to a delay for `setTimeout`, limited to the longest that it supports. */
export function toTimer(seconds: number): number {
  return Math.min(seconds * 1000, maxDelayMs);
}
