import { expect, test } from 'vitest';
import { status } from '../../src/operations/status.ts';
import { appliedSurvey, fileIsThere, outcomeOf } from './scenario.ts';

test('the state of a host takes one round trip more than a plan, and changes nothing', async () => {
  const answer = '\n#status site foobar.com\nrelease bbb 1700000000\n#status host\nmemory 1 2\n';
  const trips: number[] = [];
  const survey = await appliedSurvey();
  const outcome = await outcomeOf({ survey: [survey], read: [fileIsThere], more: [[/#status host/, answer]] }, async (fleet, context) => {
    const result = await status(undefined, fleet, context);
    trips.push(...fleet.map(({ transport }) => transport.roundTrips));
    return result;
  });
  expect(outcome).toMatchObject({ result: { ok: true, changed: 0, exitCode: 0 }, runs: 0, isClosed: true });
  expect(outcome.told.at(-1)).toBe('status: 0 changes, foobar.com bbb');
  // The survey, the plan's read, and the status.
  expect(trips).toEqual([3]);
});
