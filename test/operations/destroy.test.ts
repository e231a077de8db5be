import { describe, expect, test } from 'vitest';
import { definePlaybook, directory } from '../../src/index.ts';
import { type DestroyRequest, destroy } from '../../src/operations/destroy.ts';
import { appliedSurvey, fileIsThere, outcomeOf, type Scenario } from './scenario.ts';

const destroyed = (scenario: Scenario, request: DestroyRequest = {}) =>
  outcomeOf({ ...scenario, playbooks: [] }, (fleet, context) => destroy(request, fleet, context));
const remove = 'plan: remove file:/etc/x';
const success = 'begin | 1 | file:/etc/x\nok | 1\nend | ok\n';

test('everything that was created is removed when a person approves', async () => {
  const scenario = { survey: [await appliedSurvey()], read: [fileIsThere], run: [success] };
  expect(await destroyed({ ...scenario, agrees: true })).toEqual({
    result: { ok: true, changed: 1, checked: 1, exitCode: 0 },
    told: ['stage: reading the host', 'compared', remove, 'step: file:/etc/x', 'done: file:/etc/x'],
    questions: ['Apply this plan?'],
    runs: 1,
    isClosed: true,
  });
  expect(await destroyed({ ...scenario, agrees: false })).toMatchObject({ result: { changed: 0, exitCode: 0 }, runs: 0 });
  expect(await destroyed(scenario)).toMatchObject({ result: { exit: 1 }, runs: 0 });
});

test('nothing is asked if nothing was created', async () => {
  expect(await destroyed({ agrees: false })).toMatchObject({ result: { changed: 0, exitCode: 0 }, questions: [], runs: 0 });
});

describe('a folder that is not empty', () => {
  const of = async (path: string, holds: 'ours' | 'data') => ({
    survey: [
      await appliedSurvey({ playbooks: [definePlaybook({ name: 'web', resources: () => [directory(path, { holds, exclusive: true })] })] }),
    ],
    read: [`\n#read directory\n0755\troot\troot\tdirectory\t${path}\n`],
    run: [`begin | 1 | directory:${path}\nok | 1\nend | ok\n`],
  });

  test('with data is refused by name, and is removed if that is allowed', async () => {
    const scenario = await of('/srv/www/a/shared', 'data');
    expect(await destroyed(scenario, { approved: true })).toMatchObject({
      result: { exit: 1, message: 'These resources of foobar.com hold data: directory:/srv/www/a/shared.' },
      runs: 0,
    });
    expect(await destroyed(scenario, { approved: true, allowDestroy: true })).toMatchObject({ result: { changed: 1 }, runs: 1 });
  });

  test('with logs is removed, and the plan says so before the question', async () => {
    expect(await destroyed({ ...(await of('/var/log/php/a', 'ours')), agrees: true })).toMatchObject({
      result: { changed: 1, exitCode: 0 },
      told: ['stage: reading the host', 'compared', 'plan: remove directory:/var/log/php/a', expect.anything(), expect.anything()],
      questions: ['Apply this plan?'],
      runs: 1,
    });
  });
});

test('another run in the meantime is a problem', async () => {
  const scenario = { survey: [await appliedSurvey()], read: [fileIsThere], run: ['end | stale\n'] };
  expect(await destroyed(scenario, { approved: true })).toMatchObject({
    result: { message: expect.stringContaining('since the plan') },
    runs: 1,
  });
});
