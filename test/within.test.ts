import { describe, expect, it } from 'vitest';
import { Late, within } from '../src/within.ts';

describe('within', () => {
  it('gives the outcome and ends what was opened for it', async () => {
    let seen: AbortSignal | undefined;
    const outcome = await within(1, async (signal) => {
      seen = signal;
      return signal.aborted;
    });
    expect([outcome, seen?.aborted]).toEqual([false, true]);
  });

  it('rejects when it takes too long, and leaves no late rejection behind', async () => {
    let fail: (error: Error) => void = () => {};
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    await expect(within(0.02, () => work)).rejects.toEqual(new Late(0.02));
    fail(new Error('too late to matter'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
