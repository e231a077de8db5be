import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Lookup } from '../../src/dns/lookup.ts';
import { definePlaybook, file, isSecure, type Site } from '../../src/index.ts';
import { type ApplyRequest, apply } from '../../src/operations/apply.ts';
import { config } from '../playbooks/configs.ts';
import { appliedSurvey, opened, outcomeOf, type Scenario, success } from './scenario.ts';

/** The outside world: where the site's names point, whether HTTPS works, and what happens during a wait. */
const world = vi.hoisted(() => ({ address: '', works: false, wait: () => {} }));
vi.mock('../../src/dns/lookup.ts', () => ({
  lookUpCached: async (name: string): Promise<Lookup> => ({ name, A: [world.address], AAAA: [] }),
}));
vi.mock('../../src/https/observed.ts', () => ({ isProven: async () => world.works }));
vi.mock('node:timers/promises', () => ({
  setTimeout: async (_: number, __: unknown, { signal }: { signal?: AbortSignal } = {}) => {
    world.wait();
    signal?.throwIfAborted();
  },
}));

const [here, elsewhere] = ['192.0.2.1', '203.0.113.9'];
beforeEach(() => Object.assign(world, { address: elsewhere, works: false, wait: () => {} }));

/** One file, whose content shows how the site is served. */
const served = (site: Site) => (!isSecure(site) ? 'http' : site.https.proven ? 'https for ever' : 'https');
const playbook = definePlaybook({ name: 'web', resources: ({ site }) => [file('/etc/x', { content: served(site) })] });
const isThere = (content: string) =>
  `\n#read file\n0644\troot\troot\tregular file\t/etc/x\n${createHash('sha256').update(`${content}\n`).digest('hex')}  /etc/x\n`;
const site: Scenario = {
  playbooks: [playbook],
  config: config({ https: { certificate: { kind: 'auto', acme: { directory: 'https://ca.test/directory' } } } }),
};

const contents = [/^SECRETS=/, ''] as const;
const applied = ({ more = [], ...scenario }: Scenario, request: ApplyRequest) =>
  outcomeOf({ ...site, agrees: true, run: [success], more: [...more, contents], ...scenario }, (fleet, context) =>
    apply(request, fleet, context),
  );
const reading = ['stage: reading the host', 'compared'];
const running = ['step: file:/etc/x', 'done: file:/etc/x'];
const create = [...reading, 'plan: create file:/etc/x'];
const update = [...reading, 'plan: update file:/etc/x'];
const waiting = expect.stringMatching(/^stage: waiting for DNS: foobar\.com: .*192\.0\.2\.1/);

describe('if the names point elsewhere', () => {
  test('the site has HTTP, and apply does not wait for DNS', async () => {
    expect(await applied({}, {})).toMatchObject({ told: [...create, ...running, 'stage: verifying'], runs: 1 });
  });

  test('apply waits for DNS on request, and applies what follows without another question', async () => {
    const left = [elsewhere, here];
    world.wait = () => {
      world.address = left.shift() ?? here;
    };
    expect(await applied({ read: ['', isThere('http')] }, { waitForDns: true })).toMatchObject({
      result: { ok: true, changed: 2, exitCode: 0 },
      told: [...create, ...running, waiting, waiting, ...update, ...running, 'stage: verifying'],
      questions: ['Apply this plan?'],
      runs: 2,
    });
  });

  test('apply waits for DNS even if nothing else has to be done', async () => {
    world.wait = () => {
      world.address = here;
    };
    expect(await applied({ survey: [await appliedSurvey(site)], read: [isThere('http')] }, { waitForDns: true })).toMatchObject({
      result: { changed: 1 },
      told: [...reading, 'plan: nothing', waiting, ...update, ...running, 'stage: verifying'],
    });
  });

  test('apply still waits for DNS if the first plan was stale', async () => {
    world.wait = () => {
      world.address = here;
    };
    const scenario = { read: ['', '', isThere('http')], run: ['end | stale\n', success] };
    expect(await applied(scenario, { waitForDns: true })).toMatchObject({
      told: [...create, ...create, ...running, waiting, ...update, ...running, 'stage: verifying'],
      runs: 3,
    });
  });

  test('after an hour that is a problem, and the site stays as it is', async () => {
    let minutes = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => minutes * 60_000);
    world.wait = () => {
      minutes += 10;
    };
    const { result, told, runs } = await applied({}, { waitForDns: true });
    clock.mockRestore();
    expect(result).toMatchObject({
      exit: 1,
      message: expect.stringMatching(/^After 60 minutes DNS does not point to this host yet\. foobar\.com: /),
      details: { hint: expect.stringContaining('The site is reachable over HTTP.') },
    });
    expect(told.filter((event) => event.startsWith('stage: waiting for DNS'))).toHaveLength(7);
    expect(runs).toBe(1);
  });

  test('an interruption ends the wait', async () => {
    const controller = new AbortController();
    world.wait = () => controller.abort();
    const { fleet, context } = await opened({ ...site, run: [success], signal: controller.signal });
    await expect(apply({ approved: true, waitForDns: true }, fleet, context)).rejects.toThrow('aborted');
  });
});

describe('if the names point to the host', () => {
  const hsts = 'note: HTTPS works from outside; turning on HSTS, so browsers will use only HTTPS.';
  beforeEach(() => {
    world.address = here;
  });

  test('apply does not wait', async () => {
    expect(await applied({}, { waitForDns: true })).toMatchObject({ told: [...create, ...running, 'stage: verifying'], runs: 1 });
  });

  test('HSTS is turned on without another question if HTTPS works after the run', async () => {
    const worksThen = (text: string) => {
      world.works = true;
      return success.replaceAll(' | ', '\t') || text;
    };
    const scenario: Scenario = { read: ['', isThere('https')], more: [[/systemd-run/, worksThen]] };
    expect(await applied(scenario, {})).toMatchObject({
      result: { ok: true, changed: 2 },
      told: [...create, ...running, hsts, ...update, ...running, 'stage: verifying'],
      questions: ['Apply this plan?'],
      runs: 2,
    });
  });

  test('nothing follows if HTTPS worked before', async () => {
    world.works = true;
    expect(await applied({}, {})).toMatchObject({ told: [...create, ...running, 'stage: verifying'], runs: 1 });
  });
});

describe('HTTPS is decided again after', () => {
  const unit = (name: string) => `\n#facts active\n${name} loaded active running foobar-provision, run run-0\n`;

  test('a revert', async () => {
    world.wait = () => {
      world.address = here;
    };
    const scenario = { survey: [unit('foobar-provision-revert-run-0.service'), ''], read: [isThere('http')] };
    expect((await applied(scenario, {})).told).toEqual([
      'stage: waiting: the host reverts settings that nobody has proven',
      ...update,
      ...running,
      'stage: verifying',
    ]);
  });

  test('a run that was followed', async () => {
    const journal = () => {
      world.address = here;
      return 'begin\t1\tpackage:nginx\nend\tok\n';
    };
    const scenario: Scenario = {
      survey: [unit('foobar-provision-run-run-0.service'), ''],
      read: [isThere('http')],
      more: [[/^follow_run /m, journal]],
    };
    expect((await applied(scenario, {})).told).toEqual([
      'note: A run (run-0) is in progress on the host; following it.',
      'stage: package:nginx',
      ...update,
      ...running,
      'stage: verifying',
    ]);
  });
});
