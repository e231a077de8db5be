import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { savePlan } from '../../src/engine/plan-file.ts';
import { definePlaybook, tcpCheck } from '../../src/index.ts';
import { type ApplyRequest, apply } from '../../src/operations/apply.ts';
import { makePlan } from '../../src/operations/make-plan.ts';
import { closedPort, type Listening, listen } from '../health/loopback.ts';
import { appliedSurvey, fileIsThere, oneFile, opened, outcomeOf, type Scenario, success } from './scenario.ts';

const applied = (scenario: Scenario, request: ApplyRequest = {}) => outcomeOf(scenario, (fleet, context) => apply(request, fleet, context));
const yes: ApplyRequest = { approved: true };
const reading = ['stage: reading the host', 'compared'];
const create = 'plan: create file:/etc/x';
const running = ['step: file:/etc/x', 'done: file:/etc/x'];

let server: Listening;
beforeAll(async () => {
  server = await listen(createServer());
});
afterAll(() => server.close());
/** A playbook with the file, and a health check of a port. */
const checked = (port: number) => definePlaybook({ ...oneFile, health: () => [tcpCheck({ port })] });
const local = (port: number) => ({ playbooks: [checked(port)], address: '127.0.0.1' });

describe('when nothing has to be done', () => {
  test('apply says so, checks the hops and asks nothing', async () => {
    const scenario = { ...local(server.port), survey: [await appliedSurvey()], read: [fileIsThere], agrees: false };
    expect(await applied(scenario)).toEqual({
      result: { ok: true, changed: 0, checked: 1, healthy: true, exitCode: 0 },
      told: [...reading, 'plan: nothing', 'hop: tcp ok'],
      questions: [],
      runs: 0,
      isClosed: true,
    });
  });

  test('the exit code is 6 if the host is unhealthy', async () => {
    const scenario = { ...local(await closedPort()), survey: [await appliedSurvey()], read: [fileIsThere] };
    expect(await applied(scenario)).toMatchObject({
      result: { ok: false, changed: 0, healthy: false, exitCode: 6 },
      told: [...reading, 'plan: nothing', 'hop: tcp not ok'],
    });
  });

  test('a missing record is written without a question', async () => {
    const survey = ['', await appliedSurvey()];
    expect(await applied({ survey, read: [fileIsThere], run: ['end | ok\n'], agrees: false })).toMatchObject({
      result: { changed: 0, exitCode: 0 },
      questions: [],
      runs: 1,
    });
  });
});

describe('when something has to be done', () => {
  test('apply asks, applies and checks', async () => {
    const scenario = { ...local(server.port), survey: ['', await appliedSurvey()], run: [success], agrees: true };
    expect(await applied(scenario)).toEqual({
      result: { ok: true, changed: 1, checked: 1, healthy: true, exitCode: 0 },
      told: [...reading, create, ...running, 'stage: verifying', 'hop: tcp ok'],
      questions: ['Apply this plan?'],
      runs: 1,
      isClosed: true,
    });
  });

  test('the exit code is 6 if the host is unhealthy afterwards', async () => {
    expect(await applied({ ...local(await closedPort()), run: [success] }, yes)).toMatchObject({
      result: { ok: false, changed: 1, healthy: false, exitCode: 6 },
      runs: 1,
    });
  });

  test('nothing is applied if the person declines', async () => {
    expect(await applied({ agrees: false })).toEqual({
      result: { ok: true, changed: 0, checked: 1, exitCode: 0 },
      told: [...reading, create],
      questions: ['Apply this plan?'],
      runs: 0,
      isClosed: true,
    });
  });

  test('apply fails if nobody can be asked and nobody has approved', async () => {
    expect(await applied({})).toMatchObject({ result: { message: expect.stringContaining('no terminal'), exit: 1 }, runs: 0 });
  });

  test('apply does not ask if the plan was approved in advance', async () => {
    expect(await applied({ run: [success], agrees: false }, yes)).toMatchObject({ questions: [], runs: 1, result: { exitCode: 0 } });
  });

  test('an interruption before the run prevents it', async () => {
    const { fleet, context, transport } = await opened({ signal: AbortSignal.abort() });
    await expect(apply(yes, fleet, context)).rejects.toThrow('aborted');
    expect(transport.calls.some(({ kind }) => kind === 'run')).toBe(false);
  });
});

describe('a stale plan', () => {
  test('is made and approved again', async () => {
    const scenario = { survey: ['', '', await appliedSurvey()], run: ['end | stale\n', success], agrees: true };
    expect(await applied(scenario)).toMatchObject({
      result: { changed: 1, exitCode: 0 },
      told: [...reading, create, ...reading, create, ...running, 'stage: verifying'],
      questions: ['Apply this plan?', 'Apply this plan?'],
      runs: 2,
    });
  });

  test('fails after five attempts', async () => {
    expect(await applied({ run: ['end | stale\n'] }, yes)).toMatchObject({
      result: { message: expect.stringContaining('5 plans in a row were stale'), exit: 1 },
      runs: 5,
      isClosed: true,
    });
  });
});

test.each([
  ['fails and is rolled back', 'fail | file:/etc/x | 1\nerr | no room\nundone | 1\nend | rolled-back\n', 5, 'file:/etc/x failed'],
  ['fails and cannot be rolled back', 'fail | file:/etc/x | 1\nstuck | 1\nend | failed\n', 1, 'file:/etc/x could not be rolled back'],
  ['was stopped', 'end | stopped\n', 130, 'was stopped'],
  ['finds the lock taken', 'end | busy | run-0\n', 3, 'Another run (run-0)'],
  ['was killed', 'begin | 1 | file:/etc/x\n', 1, 'was interrupted'],
])('a run that %s', async (_, journal, exit, message) => {
  const { result, runs, isClosed } = await applied({ run: [`begin | 1 | file:/etc/x\n${journal}`] }, yes);
  expect(result).toMatchObject({ exit, message: expect.stringContaining(message) });
  expect([runs, isClosed]).toEqual([1, true]);
});

test('the output of a failed run is shown without its secrets', async () => {
  const survey = ['\n#facts secret foobar.com.database\nhunter2\n'];
  const run = ['begin | 1 | file:/etc/x\nfail | file:/etc/x | 1\nerr | the password is hunter2\nundone | 1\nend | rolled-back\n'];
  const { result } = await applied({ survey, run }, yes);
  expect(JSON.stringify('details' in result && result.details)).toContain('the password is');
  expect(JSON.stringify('details' in result && result.details)).not.toContain('hunter2');
});

test('an interruption during the run stops it after the current step', async () => {
  const controller = new AbortController();
  const stops: string[] = [];
  const stop = (text: string) => {
    stops.push(text);
    return '';
  };
  const scenario: Scenario = {
    run: ['begin | 1 | file:/etc/x\nok | 1\nend | stopped\n'],
    more: [[/\/stop$/, stop]],
    signal: controller.signal,
  };
  const outcome = await outcomeOf(scenario, (fleet, context) => {
    const emit: typeof context.emit = (event) => {
      context.emit(event);
      if (event.event === 'step') controller.abort();
    };
    return apply(yes, fleet, { ...context, emit });
  });
  expect(outcome.result).toMatchObject({ exit: 130 });
  expect(outcome.told.slice(3)).toEqual([
    'step: file:/etc/x',
    'note: Stopping after this step. The host keeps what was done; running again is safe.',
    'done: file:/etc/x',
  ]);
  expect(stops).toEqual([expect.stringMatching(/^: >\/var\/lib\/foobar-provision\/runs\/[^/]+\/stop$/)]);
});

test.each([
  ['foobar-provision-revert-run-0.service', 'the host reverts settings that nobody has proven'],
  ['backup.service', 'the host backs itself up'],
])('apply waits for %s', async (unit, what) => {
  const active = `\n#facts active\n${unit} loaded active running\n`;
  const playbooks = [definePlaybook({ ...oneFile, busyUnits: [{ unit: 'backup.service', does: 'backs itself up' }] })];
  expect(await applied({ survey: [active, active, ''], agrees: false, playbooks })).toMatchObject({
    told: [`stage: waiting: ${what}`, `stage: waiting: ${what}`, ...reading, create],
    result: { exitCode: 0 },
  });
});

describe('a run in progress', () => {
  const active = '\n#facts active\nfoobar-provision-run-run-0.service loaded active running foobar-provision, run run-0\n';
  const journal = 'begin\t1\tpackage:nginx\nend\tok\n';

  test('is a problem with exit code 3 if nobody is at the terminal', async () => {
    expect(await applied({ survey: [active] }, yes)).toMatchObject({ result: { exit: 3 }, told: [], runs: 0 });
  });

  test('is followed to its end if a person is at the terminal', async () => {
    const scenario: Scenario = { survey: [active, ''], more: [[/^follow_run /m, journal]], agrees: false };
    expect(await applied(scenario)).toMatchObject({
      result: { changed: 0, exitCode: 0 },
      told: ['note: A run (run-0) is in progress on the host; following it.', 'stage: package:nginx', ...reading, create],
    });
  });
});

describe('a saved plan', () => {
  const apart = async (content: (plan: string) => string, request: ApplyRequest = yes) => {
    const folder = await mkdtemp(join(tmpdir(), 'saved-'));
    const saved = join(folder, 'plan.json');
    const { session, context } = await opened({});
    await writeFile(saved, content(savePlan('host.test', session.survey.base, await makePlan(session, {}, context))));
    return applied({ run: [success] }, { ...request, saved }).finally(() => rm(folder, { recursive: true }));
  };

  test('is applied if it is still the current plan', async () => {
    expect(await apart((text) => text)).toMatchObject({ result: { changed: 1, exitCode: 0 }, runs: 1 });
  });

  test('is refused if the current plan differs', async () => {
    const outcome = await apart((text) => text.replaceAll('/etc/x', '/etc/y'));
    expect(outcome).toMatchObject({
      result: { message: expect.stringContaining('has changed since the plan was saved'), exit: 1 },
      runs: 0,
    });
  });

  test('is a problem if it cannot be read', async () => {
    expect(await applied({}, { ...yes, saved: '/nonexistent' })).toMatchObject({ result: { exit: 1 }, told: [], runs: 0 });
  });
});
