import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { definePlaybook, live, packages, type Resource, service } from '../../src/index.ts';
import { releases } from '../../src/operations/releases.ts';
import { rollback } from '../../src/operations/rollback.ts';
import { guessReleases } from '../../src/release/early-upload.ts';
import { config } from '../playbooks/configs.ts';
import { outcomeOf, type Scenario } from './scenario.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'rollback-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const current = '/srv/www/foobar.com/current';
const record = (id: string) => JSON.stringify([[], live(current, { release: id, keep: 5 }).attributes]);
const release = (id: string, seconds: number, recorded = record(id)) => `#release\t${seconds}.5\t${id}\n${recorded}\n`;
const site = (isLive: string, ...found: readonly string[]) => `#site foobar.com\treleases/${isLive}\n${found.join('')}`;
const two = site('bbb', release('bbb', 1_700_000_200), release('aaa', 1_700_000_100));
const on = (output: string, more: Scenario = {}): Scenario => ({
  playbooks: [definePlaybook({ name: 'app', resources: () => [] })],
  ...more,
  more: [[/#site/, output]],
});

test('the releases are listed, newest first, and nothing is changed', async () => {
  expect(await outcomeOf(on(two), releases)).toEqual({
    result: { ok: true, changed: 0, checked: 2, exitCode: 0 },
    told: ['releases of foobar.com: bbb, aaa'],
    questions: [],
    runs: 0,
    isClosed: true,
  });
});

describe('a rollback', () => {
  const back = (scenario: Scenario, to?: string) => outcomeOf(scenario, (fleet, context) => rollback({ to }, fleet, context));
  const read = [`\n#read live\nreleases/bbb\t${current}\n`];
  const success = `begin | 1 | live:${current}\nok | 1\nend | ok\n`;

  test.each([undefined, 'a'])('goes to the previous release, or to the named one (%s), without a question', async (to) => {
    expect(await back(on(two, { read, run: [success], agrees: false }), to)).toMatchObject({
      result: { ok: true, changed: 1, healthy: true, exitCode: 0 },
      told: [`plan: update live:${current}`, `step: live:${current}`, `done: live:${current}`, 'stage: verifying'],
      questions: [],
      runs: 1,
      isClosed: true,
    });
    expect(await guessReleases('host.test', config())).toEqual(new Map([['foobar.com', '/srv/www/foobar.com/releases/aaa']]));
  });

  describe('with its data', () => {
    const migrated = site(
      'bbb',
      `#turn\t1 aaa\n#turn\t2 bbb\n`,
      `${release('bbb', 1_700_000_200)}#snapshot\t20260101-020304 1 aaa\n`,
      release('aaa', 1_700_000_100),
    );
    const described = 'version\t11.8.6-MariaDB\ntables\t3\t2000000\t1000000\nfree\t1000\nprogram\tgzip\n';
    const calling = (command: string) => (script: string) => script.split('\n').some((line) => line.startsWith(`${command} `));
    const scenario = (releasesOf: string, more: Scenario = {}, kept = '20260101-020304 2000\n'): Scenario => ({
      ...on(releasesOf, { read, run: [success], ...more }),
      more: [
        [/#site/, releasesOf],
        [calling('begin_replacement'), ''],
        [calling('take_snapshot'), ''],
        [calling('complete_replacement'), ''],
        [calling('describe_database'), described],
        [calling('list_snapshots'), kept],
      ],
    });
    const withData = (planned: Scenario, approved?: boolean) =>
      outcomeOf(planned, (fleet, context) => rollback({ data: true, approved }, fleet, context));

    test('replaces the database, after a question, before it switches the release', async () => {
      const { result, questions, told, runs } = await withData(scenario(migrated, { agrees: true }));
      expect(result).toMatchObject({ ok: true, changed: 1 });
      expect(questions).toEqual([
        'Replace the 3 tables (2.0 MB) of foobar_com on host.test with the snapshot of 2026-01-01 02:03 UTC, and go back to aaa? What was stored since is only in a new snapshot.',
      ]);
      expect(told.indexOf('stage: exchanging the tables')).toBeGreaterThan(0);
      expect(told.indexOf('stage: exchanging the tables')).toBeLessThan(told.indexOf(`step: live:${current}`));
      // The last of them is the switch.
      expect(runs).toBe(4);
    });

    test('changes nothing without approval', async () => {
      expect(await withData(scenario(migrated, { agrees: false }))).toMatchObject({ result: { changed: 0 }, runs: 0 });
      expect(await withData(scenario(migrated))).toMatchObject({
        result: { message: expect.stringMatching(/^There is no terminal to ask/) },
        runs: 0,
      });
    });

    test.each([
      ['no later release had migrations', two, undefined, /^No snapshot .* because no later release had migrations/],
      [
        'its snapshot is gone',
        migrated,
        '20260102-000000 1\n',
        /^The snapshot 20260101-020304 .* is no longer on host\.test\. The last one is kept/,
      ],
    ])('is refused if %s', async (_, releasesOf, kept, message) => {
      expect(await withData(scenario(releasesOf, {}, kept), true)).toMatchObject({
        result: { message: expect.stringMatching(message) },
        runs: 0,
      });
    });
  });

  describe('goes from a release in Python to one in PHP that an older version recorded without its folders', () => {
    const by = { scheme: 'http', host: 'foobar.com', docroot: '.', paths: ['/'] } as const;
    const unit = (runtime: string) => {
      const name = `${runtime}-foobar.com-12345678.service`;
      return service(name, { running: true, enabled: true, path: `/etc/foobar-provision/instances/foobar.com/12345678/${name}` });
    };
    const recorded = (id: string, runtime: 'php' | 'python', needs: readonly Resource[]) => {
      const protocol = runtime === 'php' ? 'fastcgi' : 'http';
      const rules = { link: '/etc/nginx/foobar-rules/foobar.com/now', to: runtime };
      const answering = { ...by, protocol, socket: `/run/foobar-provision/foobar.com/${runtime}.sock` } as const;
      const { attributes } = live(current, { release: id, keep: 5, rules, by: answering, needs });
      return release(id, id === 'bbb' ? 2 : 1, JSON.stringify([[unit(runtime)], attributes]));
    };
    const there = (path: string, owner: string, mode: string) => `${mode}\t${owner}\tdirectory\t${path}\n`;
    const folders = [
      there('/var/log/php', 'root\troot', '0755'),
      there('/srv/www/foobar.com/sessions', 'foobar_com\tfoobar_com', '0700'),
      there('/var/log/php/foobar.com', 'foobar_com\tadm', '0750'),
    ];
    const output = site('bbb', recorded('bbb', 'python', []), recorded('aaa', 'php', packages('php8.4-fpm')));
    const isInstalled = '\n#read package\ninstalled\tphp8.4-fpm\t8.4\n';
    test.each<readonly [string, string, readonly string[]]>([
      ['creates those that were removed with PHP', '', ['/var/log/php', '/srv/www/foobar.com/sessions', '/var/log/php/foobar.com']],
      ['keeps those that exist', folders.join(''), []],
    ])('it %s', async (_, directories, made) => {
      const there = [`${isInstalled}\n#read directory\n${directories}\n#read live\nreleases/bbb\t${current}\n`];
      const { told } = await back(on(output, { read: there, run: [success] }));
      const [plan = ''] = told;
      expect(plan.match(/\w+ directory:[^,]+/g) ?? []).toEqual(made.map((path) => `create directory:${path}`));
      expect(plan).toContain('service:php-foobar.com-12345678.service');
    });
  });

  test.each<readonly [string, string, string | undefined, string]>([
    ['there is no earlier release', site('bbb', release('bbb', 2)), undefined, 'There is no release before the live one to go back to.'],
    ['no release has that name', two, 'zzz', 'There is no release zzz to go back to.'],
    ['it is live already', two, 'bbb', 'bbb is already the live release of foobar.com.'],
    ['it failed', site('bbb', release('bbb', 2), release('ccc.failed', 1, '')), 'ccc', 'ccc failed its health check and never went live.'],
    ['its run was interrupted', site('bbb', release('bbb', 2), release('ddd', 1, '')), 'ddd', 'ddd never went live: the run'],
  ])('is a problem if %s, and nothing is run', async (_, output, to, message) => {
    const { result, told, isClosed } = await back(on(output), to);
    expect(result).toMatchObject({ message: expect.stringContaining(message), exit: 1 });
    expect([told, isClosed]).toEqual([[], true]);
  });

  test('is not repeated if another run has changed the host', async () => {
    expect(await back(on(two, { read, run: ['end | stale\n'] }))).toMatchObject({
      result: { message: 'Another run has changed host.test in the meantime.', exit: 1 },
      runs: 1,
    });
  });
});
