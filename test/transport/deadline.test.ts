import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deadline, toTimer } from '../../src/transport/deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the clock is paused while a person is asked', async () => {
  const expired = vi.fn();
  const clock = deadline(1000, expired);
  await vi.advanceTimersByTimeAsync(600);
  const answer = clock.paused(() => new Promise((resolve) => setTimeout(resolve, 60_000, 'yes')));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await answer).toBe('yes');
  await vi.advanceTimersByTimeAsync(399);
  expect(expired).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(expired).toHaveBeenCalledOnce();
});

test('a stopped clock stays stopped', async () => {
  const expired = vi.fn();
  const clock = deadline(1000, expired);
  const asked = clock.paused(async () => clock.stop());
  await asked;
  await vi.advanceTimersByTimeAsync(5000);
  expect(expired).not.toHaveBeenCalled();
});

test('no number of seconds overflows a timer', () => {
  expect(toTimer(60)).toBe(60_000);
  expect(toTimer(Number.POSITIVE_INFINITY)).toBe(2 ** 31 - 1);
});
