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
