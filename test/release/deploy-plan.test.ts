import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { handlerId } from '../../src/engine/handler.ts';
import type { Remembered } from '../../src/engine/manifest.ts';
import { type Manifest, manifestOf } from '../../src/engine/manifest.ts';
import type { DesiredResource } from '../../src/engine/playbook.ts';
import { nameOf } from '../../src/engine/resource-id.ts';
import { definePlaybook, directory, file, live, reload, secret, service } from '../../src/index.ts';
import { deploymentOf, deployScope } from '../../src/release/deploy-plan.ts';
import { kinds } from '../../src/resources/index.ts';
import { planOf } from '../engine/plans.ts';

const notify = reload('nginx');
const vhost = file('/etc/nginx/site.conf', { content: 'new', notify });
const releases = directory('/srv/releases');
const current = live('/srv/current', { release: 'bbb', keep: 5 });
const playbooks = [
  definePlaybook({ name: 'nginx', resources: () => [vhost] }),
  definePlaybook({ name: 'app', deploys: true, resources: () => [releases, current] }),
];
const wanted = { nginx: [vhost], app: [releases, current] };
const listed = (all: Readonly<Record<string, readonly DesiredResource['resource'][]>>): readonly DesiredResource[] =>
  Object.entries(all).flatMap(([playbook, resources]) => resources.map((resource) => ({ playbook, resource })));

/** The records of a host with earlier versions of the same resources, and with resources that are no longer desired. */
const earlier = (...names: readonly string[]): Manifest =>
  manifestOf(
    'foobar.com',
    '0.9.0',
    listed({
      nginx: [file('/etc/nginx/site.conf', { content: 'old', notify }), file('/etc/nginx/gone.conf', { content: 'x' })],
      app: [live('/srv/current', { release: 'aaa', keep: 5 }), file('/srv/gone', { content: 'x' })],
    }),
    new Map(names.map((name) => [name, undefined])),
  );
const outputs = {
  live: 'releases/aaa\t/srv/current\n',
  file: ['/etc/nginx/site.conf', '/etc/nginx/gone.conf', '/srv/gone'].map((path) => `0644\troot\troot\tregular file\t${path}\n`).join(''),
};
const deployment = (remembered: Partial<Remembered>) => {
  const known = { others: [], pendingHandlers: [], ...remembered };
  return deploymentOf(planOf(wanted, outputs, known), playbooks, known);
};

describe('a deployment', () => {
  const manifest = earlier('file:/etc/nginx/gone.conf', 'file:/srv/gone');

  test('contains the changes of the application, including removals, and the rest waits', () => {
    const { plan, waiting } = deployment({ manifest });
    expect(plan.changes.map(({ resource, action }) => `${action} ${nameOf(resource)}`)).toEqual([
      'create directory:/srv/releases',
      'remove file:/srv/gone',
      'update live:/srv/current',
    ]);
    // The vhost, the removed resource, and nginx's reload.
    expect([plan.handlers, waiting]).toEqual([[], 3]);
  });

  test('keeps the record of everything else, so that the next full run finds the same changes', () => {
    const { plan } = deployment({ manifest });
    expect(plan.manifest.version).toBe('1.0.0');
    expect(Object.keys(plan.manifest.resources).sort()).toEqual([
      'directory:/srv/releases',
      'file:/etc/nginx/gone.conf',
      'file:/etc/nginx/site.conf',
      'live:/srv/current',
    ]);
    for (const name of ['file:/etc/nginx/site.conf', 'file:/etc/nginx/gone.conf'])
      expect(plan.manifest.resources[name]).toEqual(manifest.resources[name]);
    expect(plan.manifest.resources['live:/srv/current']?.wanted).not.toBe(manifest.resources['live:/srv/current']?.wanted);
    const known = { manifest: plan.manifest, others: [], pendingHandlers: [] };
    const next = planOf(wanted, outputs, known);
    expect(next.changes.map(({ resource, reason }) => `${nameOf(resource)} ${reason}`)).toEqual([
      'directory:/srv/releases drift',
      'file:/etc/nginx/site.conf update',
      'file:/etc/nginx/gone.conf update',
      'live:/srv/current drift',
    ]);
  });

  test('remembers what an interrupted run has created, and leaves its handlers pending', () => {
    const pending = manifestOf(
      'foobar.com',
      '1.0.0',
      listed({ nginx: [vhost, file('/etc/nginx/half.conf', { content: 'x' })], app: [] }),
      new Map([['file:/etc/nginx/half.conf', undefined]]),
    );
    const { plan } = deployment({ manifest, pending, pendingHandlers: ['reload:nginx'] });
    expect(plan.manifest.resources['file:/etc/nginx/half.conf']).toMatchObject({ made: true });
    expect(plan.manifest.resources['file:/etc/nginx/site.conf']).toEqual(manifest.resources['file:/etc/nginx/site.conf']);
    expect([plan.handlers, plan.clearedHandlers]).toEqual([[], []]);
  });

  test('runs the handlers that its own changes notify', () => {
    const worker = reload('worker');
    const own = [live('/srv/current', { release: 'bbb', keep: 5, notify: [worker] })];
    const plan = planOf({ nginx: [vhost], app: own }, outputs);
    const { plan: found } = deploymentOf(plan, playbooks, { others: [], pendingHandlers: [] });
    expect(found.handlers.map(handlerId)).toEqual([handlerId(worker)]);
  });
});

describe('what a deploy reads', () => {
  const token = secret('shop.token', { value: new Secret('x') });
  const all = listed({ account: [token], ...wanted });
  const own = ['secret:shop.token', 'directory:/srv/releases', 'live:/srv/current'];
  const whole = ['secret:shop.token', 'file:/etc/nginx/site.conf', 'directory:/srv/releases', 'live:/srv/current'];
  const last = manifestOf('foobar.com', '1.0.0', all, new Map(all.map(({ resource }) => [nameOf(resource), undefined])));
  const without = (name: string): Manifest => ({
    ...last,
    resources: Object.fromEntries(Object.entries(last.resources).filter(([each]) => each !== name)),
  });
  const running = listed({ app: [service('php-a@aaa', { running: true, enabled: true, path: '/etc/a/php-a@.service' })] });
  const leaving = manifestOf(
    'foobar.com',
    '1.0.0',
    [...all, ...running],
    new Map([...all, ...running].map(({ resource }) => [nameOf(resource), undefined])),
  );
  const older = live('/srv/current', { release: 'aaa', keep: 5 });
  const rows: readonly (readonly [string, Partial<Remembered>, readonly string[]])[] = [
    ['nothing has moved', { manifest: last }, own],
    [
      'only the release has',
      { manifest: manifestOf('foobar.com', '1.0.0', [...all.slice(0, 3), ...listed({ app: [older] })], new Map()) },
      own,
    ],
    ['the application is to have something new', { manifest: without('directory:/srv/releases') }, own],
    ['something else is to be made', { manifest: without('file:/etc/nginx/site.conf') }, whole],
    ['something else is to change', { manifest: earlier() }, whole],
    ['something is to go', { manifest: { ...last, resources: { ...earlier('file:/srv/gone').resources, ...last.resources } } }, whole],
    ['what answered for the release before is to go', { manifest: leaving }, own],
    ['a run was interrupted', { manifest: last, pending: last }, whole],
    ['a run still owes', { manifest: last, pendingHandlers: ['reload:nginx'] }, whole],
    ['nothing is remembered', {}, whole],
  ];
  test.each(rows)('if %s', (_, remembered, names) => {
    const scope = deployScope(all, { others: [], pendingHandlers: [], ...remembered }, playbooks, kinds);
    expect(scope.desired.map(({ resource }) => nameOf(resource))).toEqual(names);
    const known = Object.keys(scope.remembered.manifest?.resources ?? {});
    expect(known.filter((name) => name.startsWith('file:/etc'))).toEqual(
      Object.keys(names === own ? {} : (remembered.manifest?.resources ?? {})).filter((name) => name.startsWith('file:/etc')),
    );
  });
});
