import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './ask.ts';

export interface Seen {
  /** Whole pages. */
  readonly whole: number;
  /** What was answered and is no whole page: its status and how it begins. */
  readonly broken: readonly string[];
  /** Requests without an answer, or with one that says that there is none. */
  readonly unavailable: number;
}

/** Asks for the front page all the while, until `end`: every answer must be a whole page, whatever happens to a run. */
export function watchPages(
  address: () => string,
  isWhole: (body: string) => boolean,
  name = 'www.foobar.com',
): { readonly end: () => Promise<Seen> } {
  const seen = { whole: 0, broken: [] as string[], unavailable: 0 };
  let stop = false;
  const loop = (async () => {
    for (; !stop; await sleep(25)) {
      const answer = await ask(address(), name);
      if (answer === undefined || answer.status >= 500) seen.unavailable += 1;
      else if (answer.status === 200 && isWhole(answer.body)) seen.whole += 1;
      else seen.broken.push(`${answer.status} ${answer.body.slice(0, 200)}`);
    }
  })();
  return {
    end: async () => {
      stop = true;
      await loop;
      return seen;
    },
  };
}
