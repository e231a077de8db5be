import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSavedPlan } from '../../src/engine/plan-file.ts';
import { plan } from '../../src/operations/plan.ts';
import { appliedSurvey, fileIsThere, outcomeOf } from './scenario.ts';

test.each([
  ['nothing to do', fileIsThere, 'plan: nothing', { ok: true, changed: 0, checked: 1, exitCode: 0 }],
  ['something to do', '', 'plan: create file:/etc/x', { ok: true, changed: 1, checked: 1, exitCode: 2 }],
])('%s: the plan is shown, nothing is run, and the exit code tells the result', async (_, read, told, result) => {
  const survey = [await appliedSurvey()];
  expect(await outcomeOf({ survey, read: [read] }, (fleet, context) => plan({}, fleet, context))).toEqual({
    result,
    told: ['stage: reading the host', 'compared', told],
    questions: [],
    runs: 0,
    isClosed: true,
  });
});

test('the saved plan is the shown one, and a plan that cannot be saved is a problem', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plan-'));
  const file = join(folder, 'plan.json');
  const run = (saveTo: string) => outcomeOf({}, (fleet, context) => plan({ saveTo }, fleet, context));
  expect((await run(file)).result).toMatchObject({ exitCode: 2 });
  expect(parseSavedPlan(await readFile(file, 'utf8'), file)).toMatchObject({
    host: 'host.test',
    changes: [{ resource: { kind: 'file', id: '/etc/x' } }],
  });
  const { result, isClosed } = await run(join(folder, 'missing/plan.json'));
  expect([result, isClosed]).toMatchObject([{ message: expect.stringContaining('cannot be written'), exit: 1 }, true]);
  await rm(folder, { recursive: true });
});
