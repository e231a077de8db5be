/** The error of work that did not finish before its timeout. */
export class Late extends Error {
  override readonly name = 'Late';

  constructor(readonly seconds: number) {
    super(`no answer within ${seconds} s`);
  }
}

/**
 * Settles with the outcome of `work`, or rejects with a `Late` after `seconds`. In both cases the signal is aborted at the end,
 * so that everything that was opened for the work is closed.
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
