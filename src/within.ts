/** Nothing came within the deadline. */
export class Late extends Error {
  override readonly name = 'Late';

  constructor(readonly seconds: number) {
    super(`no answer within ${seconds} s`);
  }
}

/**
 * The outcome of `work`, or a rejection with `Late` after `seconds`. The signal is aborted when it is over, either way:
 * whatever was opened for the work is tied to it and closes with it.
 */
export async function within<T>(seconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late(seconds)), seconds * 1000);
  });
  try {
    return await Promise.race([work(over.signal), late]);
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}
