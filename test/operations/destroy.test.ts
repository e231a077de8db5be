import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Config, definePlaybook, directory, file } from '../../src/index.ts';
import { type DestroyRequest, destroy } from '../../src/operations/destroy.ts';
import { makeRemovalPlan } from '../../src/operations/make-plan.ts';
import { config } from '../playbooks/configs.ts';
import { appliedSurvey, fileIsThere, opened, outcomeOf, type Scenario } from './scenario.ts';

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

describe('one of several sites', () => {
  const several = (...names: readonly [string, ...string[]]): Config => {
    const [first, ...rest] = names.map((domain) => config({ domain }).sites[0]);
    if (!first) throw new RangeError('no site');
    return { ...config(), name: 'several', sites: [first, ...rest] };
  };
  const playbooks = [
    definePlaybook({
      name: 'web',
      resources: ({ site }) => [file('/etc/x', { content: 'x' }), file(`/etc/${site.domain}`, { content: 'x' })],
    }),
  ];
  const isThere = (path: string) =>
    `\n0644\troot\troot\tregular file\t${path}\n${createHash('sha256').update('x\n').digest('hex')}  ${path}\n`;
  const read = [`\n#read file${['/etc/x', '/etc/a.test', '/etc/b.test'].map(isThere).join('')}`];
  const run = ['begin | 1 | file:/etc/a.test\nok | 1\nend | ok\n'];
  const both = several('a.test', 'b.test');
  const applied = async (now: Config) => ({ survey: [await appliedSurvey({ config: now, playbooks })], read, run });
  const removed = async (now: Config, site: string, on: Config = both) =>
    destroyed({ ...(await applied(on)), config: now }, { approved: true, site });
  const still = (site: string) => `note: The configuration still has ${site}: remove it there, or the next run sets it up again.`;

  test.each<readonly [string, Config, string, Config, readonly string[]]>([
    [
      'that the configuration still has',
      both,
      'a.test',
      both,
      ['plan: remove file:/etc/a.test', 'step: file:/etc/a.test', 'done: file:/etc/a.test', still('a.test')],
    ],
    [
      'that the configuration no longer has',
      several('b.test'),
      'a.test',
      both,
      ['plan: remove file:/etc/a.test', 'step: file:/etc/a.test', 'done: file:/etc/a.test'],
    ],
    ['that was never applied', several('a.test', 'b.test', 'c.test'), 'c.test', both, []],
    ['that was never applied, beside the only one that was', both, 'b.test', several('a.test'), []],
  ])('%s is removed, and nothing else', async (_, now, site, on, told) => {
    const { told: all, ...ended } = await removed(now, site, on);
    expect(all).toEqual(['stage: reading the host', 'compared', ...told]);
    expect(ended).toMatchObject({ result: { ok: true, changed: told.length > 0 ? 1 : 0, exitCode: 0 }, runs: told.length > 0 ? 1 : 0 });
  });

  test('the only site of a host is removed with everything that belongs to it', async () => {
    expect((await removed(several('a.test'), 'a.test', several('a.test'))).told).toContain(
      'plan: remove file:/etc/a.test, remove file:/etc/x',
    );
  });

  test('a site that neither the configuration nor the host has is a problem', async () => {
    expect(await removed(both, 'd.test')).toMatchObject({ result: { message: 'several has no site d.test.' }, runs: 0 });
  });

  test('the record keeps the other sites, and no longer contains the names of this one', async () => {
    const { session, context } = await opened({ ...(await applied(both)), config: both, playbooks: [] });
    const { manifest } = await makeRemovalPlan(session, 'a.test', {}, context);
    expect(Object.keys(manifest.resources)).toEqual(['file:/etc/x', 'file:/etc/b.test']);
    expect(manifest.about).toMatchObject({ domains: ['b.test'], names: ['www.b.test', 'b.test'] });
  });
});
