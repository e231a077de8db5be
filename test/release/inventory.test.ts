import { describe, expect, test } from 'vitest';
import { turnOf } from '../../src/engine/change-step.ts';
import type { Manifest } from '../../src/engine/manifest.ts';
import { nameOf } from '../../src/engine/resource-id.ts';
import { parseReleases, previousOf, snapshotAfter } from '../../src/release/inventory.ts';
import { rollbackPlan, rollbackResources } from '../../src/release/rollback-plan.ts';
import { kinds } from '../../src/resources/index.ts';
import { live, liveKind } from '../../src/resources/live.ts';
import { service } from '../../src/resources/service.ts';
import { trixie } from '../playbooks/hosts.ts';

const unit = (id: string) => service(`php-${id}`, { running: true, enabled: true, path: `/etc/${id}/php-${id}.service` });
const by = (id: string) => ({
  socket: `/run/${id}.sock`,
  protocol: 'fastcgi' as const,
  scheme: 'http' as const,
  host: 'a.test',
  docroot: '.',
  paths: ['/'],
});
const record = (release: string, instance: string) =>
  JSON.stringify([[unit(instance)], live('/srv/www/a.test/current', { release, keep: 5, by: by(instance) }).attributes]);
const output = `#site a.test\treleases/bbb
#release\t1700000200.5\tccc.failed

{"schema":1,"digest":"ccc","createdAt":"2026-11-22T03:43:55.838Z","files":3,"size":7,"source":"git.test/shop","ref":"main","commit":"abc","by":"ann@desk"}
#release\t1700000100.5\tbbb
${record('bbb', 'two')}
#release\t1700000000.0\taaa
${record('aaa', 'one')}
#release\t1690000000.0\told
not json
#site b.test\t
`;

test('the snapshot for a rollback is the one before the first migration after that release', () => {
  const part = (id: string, more = '') => `#release\t1700000000.0\t${id}\n${record(id, id)}\n${more}`;
  const facts = '{"schema":1,"digest":"d","createdAt":"2026-11-22T03:43:55.838Z","files":3,"size":7,"source":"s","by":"b"}\n';
  const history = ['#turn\t1 aaa', '#turn\t2 bbb', '#turn\t3 ccc', '#turn\t4 ddd', ''].join('\n');
  const snapshots = { bbb: '20260101-000000', ddd: '20260103-000000' };
  const all = parseReleases(
    `#site a.test\treleases/ddd\n${history}${part('aaa')}${part('bbb', `${facts}#snapshot\t${snapshots.bbb} 1 aaa\n`)}${part('ccc', facts)}${part('ddd', `#snapshot\t${snapshots.ddd} 3 ccc\n`)}`,
  );
  const releases = all.get('a.test') ?? [];
  const after = Object.fromEntries(releases.map((each) => [each.id, snapshotAfter(each, releases)]));
  expect(after).toEqual({ aaa: snapshots.bbb, bbb: snapshots.ddd, ccc: snapshots.ddd, ddd: undefined });
  expect(releases.find(({ id }) => id === 'bbb')?.facts?.files).toBe(3);
});

describe('the releases on a host', () => {
  const sites = parseReleases(output);
  const found = sites.get('a.test') ?? [];

  test('are listed with their state: the live one, those before it, and last those that were never live', () => {
    expect([...sites.keys()]).toEqual(['a.test', 'b.test']);
    expect(found.map(({ id, live: isLive, failed, back }) => [id, isLive, failed, back?.units[0]?.id])).toEqual([
      ['bbb', true, false, 'php-two.service'],
      ['aaa', false, false, 'php-one.service'],
      ['ccc', false, true, undefined],
      ['old', false, false, undefined],
    ]);
    expect(found.map(({ facts }) => facts)).toEqual([
      undefined,
      undefined,
      { createdAt: '2026-11-22T03:43:55.838Z', files: 3, size: 7, source: 'git.test/shop', ref: 'main', commit: 'abc', by: 'ann@desk' },
      undefined,
    ]);
    expect(found[1]?.at).toEqual(new Date(1_700_000_000_000));
  });

  const [from, to] = found;
  if (!from || !to) throw new TypeError('the table has three releases');
  const current = '/srv/www/a.test/current';
  const units = (one: string, two: string) =>
    [
      ['one', one],
      ['two', two],
    ]
      .map(([id, active]) => `Id=php-${id}.service\nLoadState=loaded\nActiveState=${active}\nUnitFileState=enabled\n`)
      .join('\n');
  const entry = (wanted: string) => ({ playbook: 'app', wanted, notify: [], made: true });
  const manifest = {
    schema: 1 as const,
    name: 'a.test',
    version: '1',
    resources: {
      'file:/etc/x': entry('x'),
      'service:php-two.service': { ...entry('y'), remembered: { path: '/etc/two/php-two.service' } },
      [`live:${current}`]: entry('z'),
    },
    handlers: {},
  };

  test('a rollback to a release with another runtime restores that runtime, and the manifest records it', () => {
    const plan = rollbackPlan(current, from, to, {
      name: 'a.test',
      version: '1',
      remembered: { manifest, others: [], pendingHandlers: ['reload:nginx.service'] },
      kinds,
      outputs: new Map([
        ['service', units('inactive', 'active')],
        ['live', `releases/bbb\t${current}\n/run/two.sock\t/srv/www/a.test/releases/bbb.sock\n`],
      ]),
      facts: trixie,
      allowDestroy: false,
    });
    expect(plan.changes.map(({ resource, summary }) => [nameOf(resource), summary])).toEqual([
      ['service:php-one.service', 'start'],
      [`live:${current}`, 'bbb -> aaa'],
      ['service:php-two.service', 'stop, disable'],
    ]);
    expect(Object.keys(plan.manifest.resources)).toEqual(['file:/etc/x', 'service:php-one.service', `live:${current}`]);
    expect(plan.clearedHandlers).toEqual([]);
  });

  test('a rollback neither forgets nor removes what an interrupted run has created', () => {
    const entry = { wanted: 'x', made: true, playbook: 'base', notify: [] };
    const manifest = { schema: 1, name: 'a.test', version: '1', resources: { 'file:/etc/x': entry }, handlers: {} };
    const pending = { ...manifest, resources: { ...manifest.resources, 'package:redis-server': entry } } as unknown as Manifest;
    const plan = rollbackPlan(current, from, to, {
      name: 'a.test',
      version: '1',
      remembered: { manifest: manifest as unknown as Manifest, pending, others: [], pendingHandlers: [] },
      kinds,
      outputs: new Map([['live', `releases/bbb\t${current}\n`]]),
      facts: trixie,
      allowDestroy: false,
    });
    expect(plan.manifest.resources['package:redis-server']).toEqual(entry);
    expect(plan.changes.filter(({ resource }) => resource.kind === 'package')).toEqual([]);
  });

  test('a rollback of one of several sites records what it starts with this site', () => {
    const entry = { wanted: 'x', made: true, playbook: 'app', notify: [], site: 'a.test' };
    const manifest = { schema: 1, name: 'several', version: '1', resources: { [`live:${current}`]: entry }, handlers: {} };
    const plan = rollbackPlan(current, from, to, {
      name: 'several',
      version: '1',
      remembered: { manifest: manifest as unknown as Manifest, others: [], pendingHandlers: [] },
      kinds,
      outputs: new Map([['live', `releases/bbb\t${current}\n`]]),
      facts: trixie,
      allowDestroy: false,
    });
    const recorded = Object.entries(plan.manifest.resources).map(([name, { site }]) => `${name} of ${site}`);
    expect(recorded.sort()).toEqual([`live:${current} of a.test`, 'service:php-one.service of a.test']);
  });

  test('a rollback restarts the workers that are on the host', () => {
    const worker = { id: 'restart:a.test-queue@1.service', verb: 'restart', summary: 's', unit: 'a.test-queue@1.service' };
    const handlers = { [worker.id]: { ...worker, command: { kind: 'command', text: 'systemctl restart a.test-queue@1.service' } } };
    const entry = { wanted: 'x', made: true, playbook: 'app', notify: [worker.id] };
    const manifest = {
      schema: 1,
      name: 'a.test',
      version: '1',
      resources: { [`live:${current}`]: entry },
      handlers,
    } as unknown as Manifest;
    const plan = rollbackPlan(current, from, to, {
      name: 'a.test',
      version: '1',
      remembered: { manifest, others: [], pendingHandlers: [] },
      kinds,
      outputs: new Map([['live', `releases/bbb\t${current}\n`]]),
      facts: trixie,
      allowDestroy: false,
    });
    expect(plan.handlers.map(({ unit }) => unit)).toEqual([worker.unit]);
    expect(plan.manifest.resources[`live:${current}`]?.notify).toEqual([worker.id]);
  });

  test("the record of what ran with a release is understood in every version's form, and written again unchanged", () => {
    const handler = { summary: 's', unit: 'php-one.service', command: { kind: 'command', text: 'x' } } as const;
    const notify = [{ id: 'restart:php-one.service', ...handler }];
    const own = { kind: 'service', id: 'php-one.service', attributes: { running: true, enabled: true }, notify };
    const need = { kind: 'package', id: 'php8.4-fpm', attributes: { state: 'present' }, notify };
    const text = JSON.stringify([[own], { state: 'present', release: 'aaa', keep: 5, needs: [need] }]);
    const [release] = parseReleases(`#site a.test\treleases/bbb\n#release\t1700000000.0\taaa\n${text}\n`).get('a.test') ?? [];
    const understood = [{ verb: 'restart', ...handler }];
    expect(release?.back).toMatchObject({ needs: [{ notify: understood }], units: [{ notify: understood }] });
    const wanted = release ? rollbackResources(current, release).slice(-1) : [];
    const [change] = liveKind.compare(wanted, '', trixie).get(current) ?? [];
    expect(change && turnOf(change.step).text).toContain(JSON.stringify(need));
    expect(change && turnOf(change.step).text).toContain(JSON.stringify([own]).slice(0, -1));
  });

  test('a rollback runs no hook that prepares a newer release', () => {
    const hooks = { user: 'a', environment: '/e', before: ['php artisan migrate'], after: ['php artisan queue:restart'] };
    const [back] = [to.back].flatMap((known) => (known ? [{ ...known, live: { ...known.live, hooks } }] : []));
    const wanted = rollbackResources(current, { ...to, ...(back && { back }) });
    expect(wanted.at(-1)?.attributes).toMatchObject({ hooks: { before: [], after: ['php artisan queue:restart'] } });
  });

  test.each([
    [
      'the one that was live before, whatever the clock says',
      '#turn\t1 old\n#turn\t2 aaa\n#turn\t3 bbb\n',
      ['bbb', 'aaa', 'old', 'ccc'],
      'aaa',
    ],
    ['not one that is newer and never was live', '#turn\t4 old\n#turn\t5 bbb\n', ['bbb', 'old', 'ccc', 'aaa'], 'old'],
    ['the one that was left by a rollback', '#turn\t1 old\n#turn\t7 aaa\n#turn\t8 bbb\n', ['bbb', 'aaa', 'old', 'ccc'], 'aaa'],
    ['none where only the live one was', '#turn\t9 bbb\n', ['bbb', 'ccc', 'aaa', 'old'], undefined],
  ])('is to %s', (_, turns, order, previous) => {
    const counted = parseReleases(output.replace('releases/bbb\n', `releases/bbb\n${turns}`)).get('a.test') ?? [];
    expect(counted.map(({ id }) => id)).toEqual(order);
    expect(previousOf(counted)?.id).toBe(previous);
  });
});
