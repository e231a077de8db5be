import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listOf } from '../../src/application/file-list.ts';
import { readSource } from '../../src/application/source.ts';
import { keep } from '../../src/cache.ts';
import { type Config, definePlaybook, release } from '../../src/index.ts';
import { deploy } from '../../src/operations/deploy.ts';
import { uploadByGuess } from '../../src/operations/early-uploads.ts';
import { guessReleases, keepReleases } from '../../src/release/early-upload.ts';
import { config } from '../playbooks/configs.ts';
import { appliedSurvey, oneFile, outcomeOf, type Scenario } from './scenario.ts';

let folder: string;
let site: Config;
let path: string;
let digest: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  await write('first');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Writes the application, and reads it as a configuration does. */
async function write(content: string): Promise<void> {
  const app = join(folder, 'app');
  rmSync(app, { recursive: true, force: true });
  mkdirSync(app);
  writeFileSync(join(app, 'index.php'), content);
  writeFileSync(join(app, 'kept.php'), 'kept');
  const source = await readSource(app, {}, () => {});
  await keep(listOf(source.entries), 'lists', source.digest);
  site = config({ source });
  digest = source.digest;
  path = `/srv/www/foobar.com/releases/${digest.slice(0, 12)}`;
}

/** The release, and the file of another playbook, which a deploy does not apply. */
const playbooks = [
  oneFile,
  definePlaybook({
    name: 'app',
    deploys: true,
    resources: ({ site: { app } }) => [
      release(`/srv/www/foobar.com/releases/${app.source.digest.slice(0, 12)}`, {
        digest: app.source.digest,
        site: 'foobar.com',
        live: '/srv/www/foobar.com/current',
        shared: '/srv/www/foobar.com/shared',
        links: [],
        writable: [],
        user: 'web',
      }),
    ],
  }),
];
const success = () => `begin | 1 | release:${path}\nok | 1\nend | ok\n`;
const deployed = (scenario: Scenario) =>
  outcomeOf({ config: site, playbooks, ...scenario }, (fleet, context) => deploy({}, fleet, context));
const uploads = [[/releases assemble/, '']] as const;

test('a host that has not been provisioned is a problem, and gets no run', async () => {
  expect(await deployed({})).toEqual({
    result: expect.objectContaining({ message: expect.stringContaining('has not been provisioned on host.test yet'), exit: 1 }),
    told: [],
    questions: [],
    runs: 0,
    isClosed: true,
  });
});

test('if nothing has changed, nothing is sent or run', async () => {
  const survey = [await appliedSurvey({ config: site, playbooks })];
  const read = [`\n#read release\nthere\t${path}\n`];
  // The host waits for a run and gets none.
  expect(await deployed({ survey, read })).toMatchObject({
    result: { ok: true, changed: 0, checked: 1, healthy: true, exitCode: 0 },
    told: ['stage: reading the host', 'compared', 'plan: nothing', 'stage: verifying'],
    isClosed: true,
  });
});

describe('a new release', () => {
  /** The survey of a host with the release from before the application changed. */
  async function changedSince(): Promise<string> {
    const survey = await appliedSurvey({ config: site, playbooks });
    await write('second');
    return survey;
  }

  test('is sent and run without a question, and this machine remembers it', async () => {
    const survey = [await changedSince()];
    expect(await deployed({ survey, run: [success()], more: [...uploads], agrees: false })).toMatchObject({
      result: { ok: true, changed: 1, exitCode: 0 },
      told: [
        'stage: reading the host',
        'compared',
        `plan: create release:${path}`,
        'sending: 0 added, 1 changed, 0 removed',
        'progress: sending the application (1 of 2 files)',
        `step: release:${path}`,
        `done: release:${path}`,
        'stage: verifying',
      ],
      questions: [],
      isClosed: true,
    });
    expect(await guessReleases('host.test', site)).toEqual(new Map([['foobar.com', path]]));
  });

  test('is reported together with the changes that wait for a full run', async () => {
    const changed = definePlaybook({ ...oneFile, name: 'web' });
    const survey = [await appliedSurvey({ config: site, playbooks: playbooks.slice(1) })];
    await write('second');
    const { told } = await deployed({ survey, run: [success()], more: [...uploads], playbooks: [changed, ...playbooks.slice(1)] });
    expect(told.slice(2, 4)).toEqual(['note: 1 other change waits for the next full run.', `plan: create release:${path}`]);
  });

  test('is sent once, during the survey, based on the release that this machine last made live', async () => {
    const [oldPath, survey] = [path, [await changedSince()]];
    await keepReleases('host.test', new Map([['foobar.com', oldPath]]));
    const sent: string[] = [];
    const arrive = (text: string) => {
      sent.push(text);
      return '';
    };
    const scenario: Scenario = { config: site, playbooks, survey, run: [success()], more: [[/releases assemble/, arrive]] };
    const outcome = await outcomeOf(scenario, (fleet, context) => {
      const early = new Map(fleet.map(({ host, transport }) => [host.name, uploadByGuess(site, transport, context.signal)]));
      return deploy({ early }, fleet, context);
    });
    expect(outcome).toMatchObject({ result: { changed: 1, exitCode: 0 } });
    expect(outcome.told).toContain('sending: 0 added, 1 changed, 0 removed');
    expect(sent).toEqual([expect.stringContaining(oldPath)]);
  });

  test('is sent completely if the list of the last release is unknown here', async () => {
    const survey = [await changedSince()];
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'another'));
    expect((await deployed({ survey, run: [success()], more: [...uploads] })).told).toContain('sending: 2 added, 0 changed, 0 removed');
  });

  test('is planned again if its plan is stale, and fails after five attempts', async () => {
    const survey = [await changedSince()];
    expect(await deployed({ survey, run: ['end | stale\n'], more: [...uploads] })).toMatchObject({
      result: { message: expect.stringContaining('5 plans in a row were stale'), exit: 1 },
      runs: 5,
    });
  });

  test('is rolled back if it fails', async () => {
    const survey = [await changedSince()];
    const run = [`begin | 1 | release:${path}\nfail | release:${path} | 1\nundone | 1\nend | rolled-back\n`];
    expect(await deployed({ survey, run, more: [...uploads] })).toMatchObject({ result: { exit: 5 }, isClosed: true });
    expect(await guessReleases('host.test', site)).toEqual(new Map());
  });
});
