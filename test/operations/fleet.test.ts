import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { definePlaybook, file, Problem, secret, tcpCheck } from '../../src/index.ts';
import { type ApplyRequest, apply } from '../../src/operations/apply.ts';
import { deploy } from '../../src/operations/deploy.ts';
import { destroy } from '../../src/operations/destroy.ts';
import { exportPlan } from '../../src/operations/export.ts';
import { plan } from '../../src/operations/plan.ts';
import { verify } from '../../src/operations/verify.ts';
import { closedPort, listen } from '../health/loopback.ts';
import { type FleetHost, outcomeOnFleet } from './fleet.ts';
import { appliedSurvey, fileIsThere, oneFile, success } from './scenario.ts';

const applied = (hosts: Readonly<Record<string, FleetHost>>, request: ApplyRequest = {}, scenario: { readonly agrees?: boolean } = {}) =>
  outcomeOnFleet(hosts, scenario, (fleet, context) => apply(request, fleet, context));
const yes: ApplyRequest = { approved: true };
/** Returns what was reported after every host was surveyed. */
const afterSurvey = (told: readonly string[]) => told.slice(told.findLastIndex((each) => each.endsWith(' connected')) + 1);

describe('a run over two hosts', () => {
  const bare = { survey: [''], run: [success] };

  test('surveys both, plans both, asks once, applies both, and names both in its result', async () => {
    const { result, told, runs, closed } = await applied({ one: bare, two: bare }, {}, { agrees: true });
    expect(result).toEqual({
      ok: true,
      changed: 2,
      checked: 2,
      healthy: true,
      exitCode: 0,
      hosts: ['one', 'two'].map((host) => ({ host, ok: true, changed: 1, checked: 1, healthy: true, exitCode: 0 })),
    });
    const phase = (text: string) => told.flatMap((each, index) => (each.includes(text) ? [index] : []));
    const [question = 0] = phase('Apply these plans?');
    expect(phase('Apply')).toHaveLength(1);
    expect(told.filter((_, index) => phase('plan: ').includes(index))).toEqual(
      ['one', 'two'].map((host) => `${host} plan: create file:/etc/x`),
    );
    expect(Math.max(...phase(' connected'))).toBeLessThan(Math.min(...phase('reading the host')));
    expect(Math.max(...phase('plan: '))).toBeLessThan(question);
    expect(question).toBeLessThan(Math.min(...phase('step: ')));
    expect(Math.max(...phase('done: '))).toBeLessThan(Math.min(...phase('verifying')));
    expect([runs, closed]).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
  });

  test('changes nothing if the person declines', async () => {
    const { result, runs } = await applied({ one: bare, two: bare }, {}, { agrees: false });
    expect(result).toMatchObject({ ok: true, changed: 0, hosts: [{ host: 'one' }, { host: 'two' }] });
    expect(runs).toEqual([]);
  });

  test('changes nothing and asks nothing if one cannot be planned', async () => {
    const broken = { ...bare, more: [[/^LISTS=/, new Problem({ message: 'The link is gone.' })]] } as const;
    const { result, told, runs, closed } = await applied({ one: bare, two: broken }, {}, { agrees: true });
    expect([result, runs, closed]).toMatchObject([{ message: 'The link is gone.' }, [], ['one', 'two']]);
    expect(told.some((each) => each.includes('plan: ') || each.includes('Apply'))).toBe(false);
  });

  test('changes nothing if one has a pre-existing resource that would be taken over', async () => {
    const playbooks = [definePlaybook({ name: 'web', resources: () => [file('/etc/x', { content: 'x', exclusive: true })] })];
    const hosts = { one: bare, two: { ...bare, read: [fileIsThere.replace(/[0-9a-f]{64}/, '0'.repeat(64))] } };
    const { result, told, runs, closed } = await outcomeOnFleet(hosts, { agrees: true, playbooks }, (fleet, context) =>
      apply({}, fleet, context),
    );
    expect([result, runs, closed]).toMatchObject([{ exit: 1, message: expect.stringContaining('/etc/x') }, [], ['one', 'two']]);
    expect(told.some((each) => each.includes('Apply'))).toBe(false);
  });

  test('starts on none if one is unreachable, and closes the others', async () => {
    const { result, told, runs, closed } = await applied({ one: bare, two: { refusal: 'Nobody answers.' } }, yes);
    expect([result, afterSurvey(told), runs, closed]).toMatchObject([{ message: 'Nobody answers.' }, [], [], ['one']]);
  });

  test('does not touch a host that needs no change', async () => {
    const done = { survey: [await appliedSurvey()], read: [fileIsThere] };
    const { result, told, runs } = await applied({ one: done, two: bare }, {}, { agrees: true });
    expect(result).toMatchObject({
      changed: 1,
      hosts: [
        { host: 'one', changed: 0 },
        { host: 'two', changed: 1 },
      ],
    });
    expect(told).toContain('one plan: nothing');
    expect(told.filter((each) => each.endsWith('verifying'))).toEqual(['two stage: verifying']);
    expect([told.filter((each) => each.startsWith('Apply')), runs]).toEqual([['Apply this plan?'], ['two']]);
  });

  test('plans again only the host whose plan was stale', async () => {
    const late = { survey: ['', '', await appliedSurvey()], run: ['end | stale\n', success] };
    const { result, told, runs } = await applied({ one: bare, two: late }, yes);
    expect(result).toMatchObject({
      changed: 2,
      hosts: [
        { host: 'one', changed: 1 },
        { host: 'two', changed: 1 },
      ],
    });
    expect(told.filter((each) => each.endsWith('reading the host'))).toEqual(
      ['one', 'two', 'two'].map((host) => `${host} stage: reading the host`),
    );
    expect(runs).toEqual(['one', 'two', 'two']);
  });

  test('fails if it fails on one', async () => {
    const failing = { run: ['begin | 1 | file:/etc/x\nfail | file:/etc/x | 1\nundone | 1\nend | rolled-back\n'] };
    const { result, closed } = await applied({ one: bare, two: failing }, yes);
    expect([result, closed]).toMatchObject([{ exit: 5, details: { host: 'two' } }, ['one', 'two']]);
  });

  test('refuses a saved plan, which is for one host', async () => {
    const { result, told } = await applied({ one: bare, two: bare }, { ...yes, saved: 'plan.json' });
    expect([result, afterSurvey(told)]).toMatchObject([
      { message: 'A saved plan is for one host, and this command works on one, two.' },
      [],
    ]);
  });
});

describe('a host of several', () => {
  const named = (name: string) => definePlaybook({ name, resources: () => [file(`/etc/${name}`, { content: '' })] });

  test('has the playbooks of its roles, and those without a role', async () => {
    const playbooks = [
      named('every'),
      { ...named('web'), roles: ['web'] as const },
      { ...named('database'), roles: ['database', 'cache'] as const },
    ];
    const hosts: Readonly<Record<string, FleetHost>> = { one: { roles: ['web'] }, two: { roles: ['balancer', 'database'] } };
    const { told } = await outcomeOnFleet(hosts, { playbooks }, (fleet, context) => plan({}, fleet, context));
    expect(told.filter((each) => each.includes('plan: '))).toEqual([
      'one plan: create file:/etc/every, create file:/etc/web',
      'two plan: create file:/etc/every, create file:/etc/database',
    ]);
  });

  test('loses the resources of a role when it loses the role', async () => {
    const playbooks = [named('every'), { ...oneFile, roles: ['web'] as const }];
    const survey = [await appliedSurvey({ playbooks: [oneFile] })];
    const hosts: Readonly<Record<string, FleetHost>> = {
      one: { roles: ['web'] },
      two: { roles: ['database'], survey, read: [fileIsThere] },
    };
    const { told } = await outcomeOnFleet(hosts, { playbooks }, (fleet, context) => plan({}, fleet, context));
    expect(told).toContain('two plan: create file:/etc/every, remove file:/etc/x');
  });

  test('sees itself and the others by role, with the facts of those that the command works on', async () => {
    const seeing = definePlaybook({
      name: 'seeing',
      resources: ({ host, peers }) =>
        peers.database.map((peer) => file(`/etc/${host.name}-${peer.host.name}-${peer.facts?.distribution}`, { content: '' })),
    });
    const hosts: Readonly<Record<string, FleetHost>> = { one: { roles: ['web', 'database'] }, two: { roles: ['web'] } };
    const { told } = await outcomeOnFleet(hosts, { playbooks: [seeing] }, (fleet, context) => plan({}, fleet, context));
    expect(told.filter((each) => each.includes('plan: '))).toEqual(['one plan: nothing', 'two plan: create file:/etc/two-one-debian']);
    const limited = await outcomeOnFleet(hosts, { playbooks: [seeing], only: 'two' }, (fleet, context) => plan({}, fleet, context));
    expect(limited.told.filter((each) => each.includes('plan: '))).toEqual(['two plan: create file:/etc/two-one-undefined']);
  });
});

test('a plan of several hosts reports that one has changes, and can be saved only for one host', async () => {
  const hosts = { one: { survey: [await appliedSurvey()], read: [fileIsThere] }, two: {} };
  expect(await outcomeOnFleet(hosts, {}, (fleet, context) => plan({}, fleet, context))).toMatchObject({
    result: {
      changed: 1,
      exitCode: 2,
      hosts: [
        { host: 'one', exitCode: 0 },
        { host: 'two', exitCode: 2 },
      ],
    },
    runs: [],
  });
  const saving = await outcomeOnFleet(hosts, {}, (fleet, context) => plan({ saveTo: 'plan.json' }, fleet, context));
  expect(saving.result).toMatchObject({ message: expect.stringContaining('A saved plan is for one host') });
});

test('all hosts are reported and the exit code is 6 if one is unhealthy', async () => {
  const { port, close } = await listen(createServer());
  const dead = await closedPort();
  const playbook = (name: string, role: 'web' | 'database', to: number) =>
    definePlaybook({ name, roles: [role], resources: () => [], health: () => [tcpCheck({ port: to })] });
  const hosts: Readonly<Record<string, FleetHost>> = {
    one: { roles: ['web'], address: '127.0.0.1' },
    two: { roles: ['database'], address: '127.0.0.1' },
  };
  const { result, told } = await outcomeOnFleet(
    hosts,
    { playbooks: [playbook('a', 'web', port), playbook('b', 'database', dead)] },
    verify,
  );
  expect(result).toMatchObject({ ok: false, healthy: false, checked: 2, exitCode: 6, hosts: [{ healthy: true }, { healthy: false }] });
  expect(afterSurvey(told).toSorted()).toEqual(['one hop: tcp ok', 'two hop: tcp not ok']);
  await close();
});

test('a deploy starts on no host if one has not been provisioned', async () => {
  const hosts = { one: { survey: [await appliedSurvey()], read: [fileIsThere] }, two: {} };
  const { result, told, runs } = await outcomeOnFleet(hosts, {}, (fleet, context) => deploy({}, fleet, context));
  expect([result, afterSurvey(told), runs]).toMatchObject([{ message: expect.stringContaining('not been provisioned on two') }, [], []]);
});

test('everything that was created is removed from every host after one question', async () => {
  const made = { survey: [await appliedSurvey()], read: [fileIsThere], run: ['begin | 1 | file:/etc/x\nok | 1\nend | ok\n'] };
  const hosts = { one: made, two: {}, three: made };
  const { result, told, runs } = await outcomeOnFleet(hosts, { agrees: true, playbooks: [] }, (fleet, context) =>
    destroy({}, fleet, context),
  );
  expect(result).toMatchObject({ changed: 2, hosts: [{ changed: 1 }, { host: 'two', changed: 0 }, { changed: 1 }] });
  expect([told.filter((each) => each.startsWith('Apply')), runs]).toEqual([['Apply these plans?'], ['one', 'three']]);
});

test('a script is for one host', async () => {
  const { result } = await outcomeOnFleet(
    { one: {}, two: {} },
    {},
    async (fleet, context) => (await exportPlan({}, fleet, context)).result,
  );
  expect(result).toMatchObject({ message: 'A script is for one host, and this command works on one, two.' });
});

describe('a secret that one host generates and another gets', () => {
  const playbooks = [
    definePlaybook({ name: 'generated', roles: ['database'], secrets: () => ['db'], resources: () => [secret('db')] }),
    definePlaybook({
      name: 'carried',
      roles: ['web'],
      secrets: () => ['db'],
      resources: ({ peers }) => [secret('db', { from: { host: 'there', value: peers.database[0]?.secret?.('db') } })],
    }),
  ];
  const journal = 'start\trun-1\nbegin\t1\tsecret:db\nok\t1\nend\tok\n';
  const known = '\n#facts secret db\ngenerated-there\n';
  const readAs = (text: string) => `\n#read secret\n${createHash('sha256').update(text).digest('hex')}  db\n600 db\n`;

  /** Applies to two hosts. The web server is listed first. */
  async function outcome(web: FleetHost, database: FleetHost, ended = journal) {
    const runs: { readonly host: string; readonly input: string }[] = [];
    const host = (name: string, answers: FleetHost, result = journal): FleetHost => ({
      ...answers,
      more: [
        ['cat /etc/foobar-provision/secrets/db', () => 'generated-there\n'],
        [
          /systemd-run/,
          (_, input) => {
            if (input.length > 0) runs.push({ host: name, input: input.toString('latin1') });
            return input.length > 0 ? result : '';
          },
        ],
      ],
    });
    const hosts = {
      here: host('here', { ...web, roles: ['web'] }),
      there: host('there', { ...database, roles: ['database'] }, ended),
    };
    const { result, told } = await outcomeOnFleet(hosts, { playbooks }, (fleet, context) => apply({ approved: true }, fleet, context));
    return { result, told, order: runs.map((run) => run.host), inputs: runs.map(({ input }) => input) };
  }

  test('is read after the run that generates it, and sent beside the script of the other', async () => {
    const { result, told, order, inputs } = await outcome({ survey: ['', known], read: [''] }, { survey: ['', known], read: [''] });
    expect([result, order]).toMatchObject([{ ok: true, changed: 2 }, ['there', 'here']]);
    expect(inputs.map((input) => input.includes('generated-there'))).toEqual([false, true]);
    expect(JSON.stringify(told)).not.toContain('generated-there');
  });

  test('is not sent again where it is the same', async () => {
    const same = { survey: [known], read: [readAs('generated-there')] };
    const { result, inputs } = await outcome(same, same);
    expect(result).toMatchObject({ changed: 0 });
    expect(inputs.join('')).not.toContain('generated-there');
  });

  test('is replaced where it differs, from what the survey has read', async () => {
    const { inputs, order } = await outcome(
      { survey: [known], read: [readAs('other')] },
      { survey: [known], read: [readAs('generated-there')] },
    );
    expect(order.at(-1)).toBe('here');
    expect(inputs.at(-1)).toContain('generated-there');
  });

  test('does not arrive if the run that generates it fails', async () => {
    const failing = 'start\trun-1\nbegin\t1\tsecret:db\nfail\tsecret:db\t1\nundone\t1\nend\trolled-back\n';
    const { result, order } = await outcome({ read: [''] }, { read: [''] }, failing);
    expect([result, order]).toMatchObject([{ exit: 5, details: { host: 'there' } }, ['there']]);
  });
});
