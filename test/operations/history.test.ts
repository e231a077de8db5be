import { describe, expect, test } from 'vitest';
import { definePlaybook } from '../../src/index.ts';
import { aboutRun, parseRuns } from '../../src/operations/about-run.ts';
import { history } from '../../src/operations/history.ts';
import { makePlan } from '../../src/operations/make-plan.ts';
import { config } from '../playbooks/configs.ts';
import { opened, outcomeOf, type Scenario } from './scenario.ts';

const about = (site?: string) =>
  JSON.stringify({
    command: 'deploy',
    version: '0.1.0',
    by: 'alex@laptop',
    login: 'root',
    changes: [{ resource: 'live:/x', action: 'update', reason: 'update', summary: 'a -> b', site }],
  });
const run = (second: string, rest: string, text = about()) => `#run\t202611302352${second}-abcdef\t${rest}\n${text}\n`;

describe('the record of a run', () => {
  test.each([
    ['ok\tlive:/x', { end: 'ok' }],
    ['rolled-back\tlive:/x', { end: 'rolled back', step: 'live:/x' }],
    ['\tlive:/x', { end: 'interrupted', step: 'live:/x' }],
    ['busy\t', { end: 'not begun: another run was active' }],
  ])('%s', (rest, expected) => {
    const [found] = parseRuns(run('30', `1796082760\t203.0.113.9\tinactive\t${rest}`));
    expect(found).toEqual({
      id: '20261130235230-abcdef',
      startedAt: new Date('2026-11-30T23:52:30Z'),
      seconds: 10,
      client: '203.0.113.9',
      about: JSON.parse(about()),
      ...expected,
    });
  });

  test('in progress, of an older version, and an entry that is not a run', () => {
    const output = `${run('30', '1796082760\t\tactive\t\tlive:/x', '')}${run('40', '1796082760\t\tinactive\tok\t', 'no JSON')}#run\tx\t\t\t\t\t\n\n`;
    expect(parseRuns(output).map(({ end, about: known }) => [end, known])).toEqual([
      ['ok', undefined],
      ['in progress', undefined],
    ]);
  });
});

test('the record says why each change was made, and who started the run', async () => {
  const { session, context } = await opened();
  const text = aboutRun(await makePlan(session, {}, context), { user: 'deploy', by: 'key', hostKey: '' }, 'apply');
  const [found] = parseRuns(run('30', '1796082760\t\tinactive\tok\t', text.trim()));
  expect(found?.about).toMatchObject({
    command: 'apply',
    login: 'deploy',
    changes: [{ resource: 'file:/etc/x', action: 'create', reason: 'new' }],
  });
});

test('the runs of one of several sites, and those with unknown changes', async () => {
  const output = [
    run('10', '1796082760\t\tinactive\tok\t', about('foobar.com')),
    run('20', '1796082760\t\tinactive\tok\t', about('other.com')),
    run('30', '1796082760\t\tinactive\tok\t', ''),
  ].join('');
  const scenario: Scenario = {
    playbooks: [definePlaybook({ name: 'app', resources: () => [] })],
    config: config({ domain: 'foobar.com' }, { domain: 'other.com' }),
    more: [[/list_runs$/, output]],
  };
  const { told, runs } = await outcomeOf(scenario, (fleet, context) => history('foobar.com', fleet, context));
  expect(told).toEqual(['history: 20261130235230-abcdef ok, 20261130235210-abcdef ok']);
  expect(runs).toBe(0);
});
