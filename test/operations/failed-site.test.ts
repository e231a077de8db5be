import { describe, expect, test } from 'vitest';
import { exitCode, Problem } from '../../src/error.ts';
import type { Hop } from '../../src/health/check.ts';
import { type FailedSite, failedSitesProblem } from '../../src/operations/failed-site.ts';
import { doneResult, healthResult, totalOf, withSites } from '../../src/operations/summarize.ts';
import { config } from '../playbooks/configs.ts';

const failed = (site: string, exit: 1 | 5 = 5): FailedSite => ({
  site,
  problem: new Problem({
    message: `x failed, so ${site} was rolled back.`,
    host: 'web',
    stderr: `${site} is bad`,
    hint: `Look at ${site}.`,
    exit,
  }),
});

describe('failedSitesProblem', () => {
  test.each<readonly [string, readonly FailedSite[], number | undefined, readonly string[]]>([
    ['none', [], undefined, []],
    ['one', [failed('a.test')], exitCode.rolledBack, ['x failed, so a.test was rolled back. The run went on for the other sites.']],
    [
      'two',
      [failed('a.test'), failed('b.test')],
      exitCode.rolledBack,
      ['2 sites failed: a.test, b.test.', 'a.test is bad', 'Look at b.test.'],
    ],
    ['two, one of which could not be rolled back', [failed('a.test'), failed('b.test', 1)], exitCode.failed, ['a.test, b.test']],
  ])('of %s', (_, sites, exit, words) => {
    const problem = failedSitesProblem(sites);
    expect(problem?.exit).toBe(exit);
    for (const word of words) expect([problem?.message, problem?.details.stderr, problem?.details.hint].join('\n')).toContain(word);
  });
});

describe('the result of several sites', () => {
  const sites = config({ domain: 'a.test' }, { domain: 'b.test' }, { domain: 'c.test' });
  const hop = (ok: boolean, site?: string): Hop => ({ hop: 'app', ok, ms: 1, detail: '', ...(site && { site }) });
  test.each<readonly [string, readonly Hop[], readonly FailedSite[], number, readonly (readonly [boolean, boolean | undefined])[]]>([
    [
      'all are healthy',
      [hop(true, 'a.test'), hop(true)],
      [],
      0,
      [
        [true, true],
        [true, true],
        [true, true],
      ],
    ],
    [
      'one is not',
      [hop(true, 'a.test'), hop(false, 'b.test')],
      [],
      6,
      [
        [true, true],
        [false, false],
        [true, true],
      ],
    ],
    [
      'what they share is not',
      [hop(false)],
      [],
      6,
      [
        [false, false],
        [false, false],
        [false, false],
      ],
    ],
    [
      'one was rolled back',
      [hop(true, 'a.test')],
      [failed('b.test')],
      5,
      [
        [true, true],
        [false, undefined],
        [true, true],
      ],
    ],
    [
      'one was rolled back, another is not healthy',
      [hop(false, 'a.test')],
      [failed('b.test')],
      5,
      [
        [false, false],
        [false, undefined],
        [true, true],
      ],
    ],
  ])('if %s', (_, hops, some, exit, expected) => {
    const result = totalOf([withSites(healthResult('web', hops, 1, 1), sites, hops, some)]);
    expect(result).toMatchObject({ exitCode: exit, ok: exit === 0 });
    expect(result.hosts[0]?.sites?.map(({ ok, healthy }) => [ok, healthy])).toEqual(expected);
    expect(result.problem === undefined).toBe(some.length === 0);
  });

  test('a configuration with one site has none', () => {
    expect(withSites(doneResult('web', 1, 1), config({ domain: 'a.test' }), [], [])).toEqual(doneResult('web', 1, 1));
  });
});
