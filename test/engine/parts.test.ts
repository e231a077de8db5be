import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Command } from '../../src/command/command.ts';
import { exceptSites } from '../../src/engine/except-sites.ts';
import type { Handler } from '../../src/engine/handler.ts';
import type { Plan } from '../../src/engine/plan.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { nameOf } from '../../src/engine/resource-id.ts';
import { command, directory, file, sh } from '../../src/index.ts';
import { type Stage, stage } from './rehearsal.ts';

// These tests start processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let host: Stage;
beforeEach(() => {
  host = stage();
});
afterEach(() => host.end());

const at = (path: string) => `${host.root}${path}`;
const notes = () => (existsSync(at('/notes')) ? host.text('/notes').trimEnd().split('\n').sort() : []);
const step = (name: string, run: Command, undo?: Command) =>
  command(name, { run, unless: sh`test -e ${at(`/${name}`)}`, ...(undo && { undo }) });
/** A step that creates a file, and removes it when it is undone. */
const made = (name: string) => step(name, sh`touch ${at(`/${name}`)}`, sh`rm ${at(`/${name}`)}`);
const broken = () => step('broken', sh`echo 'no good'; exit 9`);

/** A service that writes down each reload, and whose checker refuses files with the word `faulty`. */
const service = (unit: string, folder: string, more: Command = sh`:`): Handler => ({
  verb: 'reload',
  unit,
  summary: unit,
  command: sh`${more}; printf '%s\n' ${unit} >>${at('/notes')}`,
  checker: {
    name: `${unit} -t`,
    roots: [at(folder)],
    command: sh`! cat ${at(folder)}/* | grep faulty && [ "$(cat ${at(folder)}/* | grep -c unique)" -lt 2 ]`,
  },
});
const web = () => service('web', '/etc/web');

/** One site: a folder, a file that the shared service reads, one that only its own service reads, and a step. */
const site = (name: string, version: string, ...more: readonly Resource[]): readonly Resource[] => [
  directory(at(`/srv/${name}`)),
  file(at(`/etc/web/${name}.conf`), { content: `${version}\n`, notify: web() }),
  file(at(`/etc/own/${name}.conf`), { content: `${version}\n`, notify: { ...service(`own-${name}`, '/none') } }),
  made(`${name}-${version}`),
  ...more,
];
const shared = () => [directory(at('/srv')), directory(at('/etc/web')), directory(at('/etc/own')), made('shared')];
const sites = (...own: readonly (readonly Resource[])[]) =>
  host.planSites({ '*': shared(), ...Object.fromEntries(own.map((resources, index) => [`${'abc'[index]}.test`, resources])) });
const all = (version: string) => sites(site('a', version), site('b', version), site('c', version));
const versions = () =>
  ['a', 'b', 'c'].map((name) => (existsSync(at(`/etc/web/${name}.conf`)) ? host.text(`/etc/web/${name}.conf`).trim() : 'none'));
const changed = (plan: Plan) => plan.changes.map(({ resource }) => nameOf(resource).replace(host.root, ''));
/** Moves resources to a later playbook, before which the handlers of the first one run. */
const later = (plan: Plan, ...ids: readonly string[]): Plan => ({
  ...plan,
  playbooks: ['p', 'q'],
  changes: plan.changes.map((change) => (ids.includes(change.resource.id) ? { ...change, playbook: 'q' } : change)),
});

const asRoot = describe.skipIf(process.getuid?.() !== 0);
const canMount = spawnSync('unshare', ['-m', 'true']).status === 0;

asRoot('a run for several sites', () => {
  test('rolls back the site that fails, and the next plan has only its changes', () => {
    expect(host.run(all('1'))).toMatchObject({ code: 0, stderr: '' });
    const before = host.remembered().manifest;
    const plan = sites(site('a', '2'), [...site('b', '2'), broken()], site('c', '2'));
    const ended = host.run(plan, { id: 'run-2' });
    expect(ended).toMatchObject({ code: 5, stderr: expect.stringContaining('b.test was rolled back.') });
    expect(ended.journal).toEqual(expect.arrayContaining(['fail command:broken 9', 'err no good', 'site b.test rolled-back']));
    expect(ended.journal.at(-1)).toBe('end partial');
    expect(versions()).toEqual(['2', '1', '2']);
    expect(['a-2', 'b-2', 'c-2'].map((name) => existsSync(at(`/${name}`)))).toEqual([true, false, true]);
    expect(ended.journal.filter((line) => line.startsWith('undone')).length).toBe(3);
    const { manifest, pending, pendingHandlers } = host.remembered();
    expect([pending, pendingHandlers]).toEqual([undefined, []]);
    const recordOf = (name: string) => manifest?.resources[`file:${at(`/etc/web/${name}.conf`)}`]?.wanted;
    expect(recordOf('b')).toBe(before?.resources[`file:${at('/etc/web/b.conf')}`]?.wanted);
    expect(recordOf('b')).not.toBe(recordOf('a'));
    // The step of the first version, which is no longer desired, is removed when its replacement is applied.
    const rest = sites(site('a', '2'), [...site('b', '2'), broken()], site('c', '2'));
    expect(changed(rest)).toEqual(changed(plan).filter((name) => /\/b\.conf|:b-2|broken/.test(name)));
    expect(host.run(all('2'), { id: 'run-3' }).journal.at(-1)).toBe('end ok');
    expect(versions()).toEqual(['2', '2', '2']);
    const settled = all('2');
    expect(settled).toMatchObject({ changes: [], handlers: [] });
    expect(host.remembered().manifest).toEqual(settled.manifest);
  });

  test('a site that fails the first time leaves nothing on record, and the others are complete', () => {
    const ended = host.run(sites(site('a', '1'), [...site('b', '1'), broken()], site('c', '1')));
    expect(ended.journal.at(-1)).toBe('end partial');
    expect(host.tree('/srv')).toEqual(['a', 'c']);
    const names = Object.keys(host.remembered().manifest?.resources ?? {}).map((name) => name.replace(host.root, ''));
    expect(names.filter((name) => /\bb\b/.test(name))).toEqual([]);
    expect(names.length).toBe(shared().length + 2 * site('x', '').length);
  });

  test.each<readonly [string, () => readonly Resource[], string]>([
    ['a folder where somebody has a file', () => [directory(at('/srv/b/x/y'))], 'directory'],
    ['a file that cannot be staged', () => [file(at('/etc/b/odd'), { content: '' })], 'file'],
    ['a step', () => [broken()], 'command:broken'],
    ['its own handler', () => [file(at('/etc/own/odd'), { content: '', notify: service('odd', '/none', sh`false`) })], 'reload:odd'],
  ])('continues for the others if one fails with %s', (_, more, name) => {
    expect(host.run(all('1')).code).toBe(0);
    host.write('/srv/b/x', 'a file');
    host.write('/etc/b', 'a file');
    const ended = host.run(sites(site('a', '2'), [...site('b', '2'), ...more()], site('c', '2')), { id: 'run-2' });
    expect(ended.journal.find((line) => line.startsWith('fail'))).toContain(name);
    expect(ended.journal.at(-1)).toBe('end partial');
    expect(versions()).toEqual(['2', '1', '2']);
    expect(host.remembered()).toMatchObject({ pendingHandlers: [] });
    expect(changed(sites(site('a', '2'), site('b', '2'), site('c', '2'))).filter((name) => /\b[ac]\b/.test(name))).toEqual([]);
  });

  test.skipIf(!canMount).each<readonly [string, readonly string[], readonly string[]]>([
    ['the first', ['faulty', '2', '2'], ['a.test']],
    ['the last', ['2', '2', 'faulty'], ['c.test']],
    ['two of three', ['faulty', '2', 'faulty'], ['a.test', 'c.test']],
    ['all', ['faulty', 'faulty', 'faulty'], ['a.test', 'b.test', 'c.test']],
    ['the second of two that exclude each other', ['unique', '2', 'unique'], ['c.test']],
  ])('finds the sites whose files a checker refuses: %s', (_, [a = '', b = '', c = ''], expected) => {
    expect(host.run(all('1')).code).toBe(0);
    const ended = host.run(sites(site('a', a), site('b', b), site('c', c)), { id: 'run-2' });
    expect(ended.journal.filter((line) => line.startsWith('site '))).toEqual(expected.map((domain) => `site ${domain} rolled-back`));
    expect(versions()).toEqual([a, b, c].map((version, index) => (expected.includes(`${'abc'[index]}.test`) ? '1' : version)));
    // The service is reloaded for the others, and never sees a file that its checker refuses.
    expect(notes().filter((note) => note === 'web').length).toBe(2);
  });

  test('runs the handlers again for the changes that it rolls back, if they have run', () => {
    expect(host.run(sites(site('a', '1'), site('b', '1'))).code).toBe(0);
    host.write('/notes', '');
    const plan = later(sites(site('a', '2'), [...site('b', '2'), broken()]), 'broken');
    expect(host.run(plan, { id: 'run-2' }).journal.at(-1)).toBe('end partial');
    expect(notes().filter(Boolean)).toEqual(['own-a', 'own-b', 'own-b', 'web', 'web']);
    expect(host.remembered().pendingHandlers).toEqual([]);
  });

  test('a failure of a shared resource rolls back all sites, each step once', () => {
    expect(host.run(all('1')).code).toBe(0);
    const plan = later(
      host.planSites({
        '*': [...shared(), step('shared-fails', sh`exit 7`)],
        'a.test': site('a', '2'),
        'b.test': [...site('b', '2'), broken()],
      }),
      'shared-fails',
    );
    const ended = host.run(plan, { id: 'run-2' });
    expect(ended).toMatchObject({ code: 5 });
    expect(ended.journal).toContain('site b.test rolled-back');
    expect(ended.journal.at(-1)).toBe('end rolled-back');
    expect(versions().slice(0, 2)).toEqual(['1', '1']);
    const undone = ended.journal.filter((line) => line.startsWith('undone'));
    expect(undone.length).toBe(new Set(undone).size);
  });

  test('what no site needs any more stays if a site was rolled back', () => {
    const old = () => file(at('/etc/old'), { content: 'old' });
    expect(host.run(host.planSites({ '*': [...shared(), old()], 'a.test': site('a', '1'), 'b.test': site('b', '1') })).code).toBe(0);
    const ended = host.run(sites(site('a', '2'), [...site('b', '2'), broken()]), { id: 'run-2' });
    expect(ended.journal.at(-1)).toBe('end partial');
    expect(host.text('/etc/old')).toBe('old\n');
    expect(host.run(sites(site('a', '2'), site('b', '2')), { id: 'run-3' }).journal.at(-1)).toBe('end ok');
    expect(existsSync(at('/etc/old'))).toBe(false);
  });

  test('a site whose removal fails is restored, and the others are updated', () => {
    expect(host.run(all('1')).code).toBe(0);
    const plan = host.planSites({ '*': shared(), 'a.test': site('a', '2'), 'b.test': site('b', '2') });
    const removals = plan.changes.filter(({ part }) => part === 'c.test');
    expect(removals.map(({ action }) => action)).toEqual(removals.map(() => 'remove'));
    const fails = {
      ...plan,
      changes: plan.changes.map((each) =>
        each === removals.at(-1) ? { ...each, step: { kind: 'plain', apply: sh`exit 9` } as const } : each,
      ),
    };
    expect(host.run(fails, { id: 'run-2' }).journal).toContain('site c.test rolled-back');
    expect(versions()).toEqual(['2', '2', '1']);
    const again = host.planSites({ '*': shared(), 'a.test': site('a', '2'), 'b.test': site('b', '2') });
    expect(changed(again).sort()).toEqual(removals.map(({ resource }) => nameOf(resource).replace(host.root, '')).sort());
    expect(host.run(again, { id: 'run-3' }).code).toBe(0);
    expect(versions()).toEqual(['2', '2', 'none']);
  });

  test('a site that cannot be rolled back is named, and the next run knows what it may find', () => {
    expect(host.run(all('1')).code).toBe(0);
    const stuck = step('stuck', sh`exit 9`, sh`exit 8`);
    const ended = host.run(sites(site('a', '2'), [...site('b', '2'), stuck], site('c', '2')), { id: 'run-2' });
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.journal).toContain('site b.test failed');
    expect(versions()).toEqual(['2', '1', '2']);
    expect(host.remembered().pending).toBeDefined();
    expect(sites(site('a', '2'), site('b', '2'), site('c', '2')).changes.map(({ part, reason }) => [part, reason])).toEqual([
      ['b.test', 'pending'],
      ['b.test', 'pending'],
      ['b.test', 'pending'],
    ]);
  });

  test('without a site, a plan has nothing of it and keeps its record', () => {
    expect(host.run(all('1')).code).toBe(0);
    const before = host.remembered().manifest;
    const plan = exceptSites(all('2'), new Set(['b.test']));
    expect(changed(plan).filter((name) => /\bb\b/.test(name))).toEqual([]);
    expect(host.run(plan, { id: 'run-2' }).journal.at(-1)).toBe('end ok');
    expect(versions()).toEqual(['2', '1', '2']);
    const file = `file:${at('/etc/web/b.conf')}`;
    expect(host.remembered().manifest?.resources[file]).toEqual(before?.resources[file]);
    expect(changed(all('2')).every((name) => /\bb\b/.test(name))).toBe(true);
  });
});
