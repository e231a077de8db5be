import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { reveal } from '../../src/command/secret.ts';
import { effectsOf } from '../../src/engine/effect.ts';
import { manifestPath, parseManifest, type Remembered } from '../../src/engine/manifest.ts';
import { type Plan, withRemovals } from '../../src/engine/plan.ts';
import { type RenderOptions, render } from '../../src/engine/render.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { definitionsOf } from '../../src/engine/shell-library.ts';
import { instancesFolder, secretsFolder, stateFolder } from '../../src/host-paths.ts';
import { kinds } from '../../src/resources/index.ts';
import { trixie } from '../playbooks/hosts.ts';
import { planOf } from './plans.ts';

/** How a run ended. */
export interface Rehearsed {
  readonly code: number | null;
  readonly stderr: string;
  /** The journal's lines, with their words separated by spaces. */
  readonly journal: readonly string[];
}

export interface Stage {
  /** The folder that stands for the host's root. */
  readonly root: string;
  readonly run: (plan: Plan, options?: Partial<RenderOptions>, wrapper?: readonly string[]) => Rehearsed;
  /** Returns the plan for these resources, from the current state of the folder, read like a host. */
  readonly plan: (...resources: readonly Resource[]) => Plan;
  /** The same for the resources of several sites. Those of the site `*` are shared. */
  readonly planSites: (sites: Readonly<Record<string, readonly Resource[]>>) => Plan;
  /** Returns the plan that removes everything that earlier runs have created. */
  readonly removal: (options: { readonly allowDestroy: boolean }) => Plan;
  /** Runs read-only shell in the same way as the readers. */
  readonly read: (text: string) => string;
  /** The folder of the script and its journal. */
  readonly folder: (id: string) => string;
  readonly remembered: () => Remembered;
  readonly write: (path: string, content: string, mode?: number) => string;
  readonly text: (path: string) => string;
  /** Every path below a folder of the stage, sorted. */
  readonly tree: (path: string) => readonly string[];
  readonly end: () => void;
}

/**
 * Runs rendered scripts for real, under dash, in a temporary folder: what they keep on a host is below it, because the
 * fixed paths of the text are replaced. Resources must name paths below `root`.
 */
export function stage(): Stage {
  const root = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  const state = `${root}${stateFolder}`;
  const here = (text: string) =>
    text
      .replaceAll(secretsFolder, `${root}${secretsFolder}`)
      .replaceAll(new RegExp(`(?<!${root})(?=${stateFolder}|${instancesFolder}|/etc/nginx/(?:conf|site)\\.d/)`, 'g'), root)
      .replaceAll('/run/foobar-provision', `${root}/run/foobar-provision`);
  mkdirSync(`${root}/run`);
  mkdirSync(`${state}/runs`, { recursive: true });
  chmodSync(state, 0o700);
  const sh = (text: string) => String(spawnSync('dash', ['-s'], { input: here(text), maxBuffer: 2 ** 28 }).stdout);
  const remembered = (): Remembered => {
    const load = (name: string) => {
      const path = `${root}${manifestPath(name)}`;
      return existsSync(path) ? parseManifest(readFileSync(path, 'utf8'), path) : undefined;
    };
    const [manifest, pending] = [load('foobar.com'), load('foobar.com.pending')];
    const owed = `${state}/owed/foobar.com`;
    return {
      ...(manifest && { manifest }),
      ...(pending && { pending }),
      others: [],
      pendingHandlers: existsSync(owed) ? readdirSync(owed).sort() : [],
    };
  };
  const shell = definitionsOf([...kinds.values()].flatMap((kind) => kind.shell.read)).text;
  const read = (text: string) => sh(`LISTS=\nSECRETS=${secretsFolder}\n${shell}\n${text}`);
  const outputs = (resources: readonly Resource[]) =>
    Object.fromEntries(
      [...kinds.values()].map((kind) => {
        const own = resources.filter((resource) => resource.kind === kind.name);
        return [kind.name, own.length === 0 ? '' : read(kind.read(own, trixie).text)] as const;
      }),
    );
  return {
    root,
    read,
    remembered,
    folder: (id) => `${state}/runs/${id}`,
    run: (plan, options = {}, wrapper = []) => {
      const id = options.id ?? 'run-1';
      const folder = `${state}/runs/${id}`;
      mkdirSync(`${folder}/secrets`, { recursive: true, mode: 0o700 });
      for (const change of plan.changes)
        for (const { name, value } of effectsOf(change, 'supplies')) writeFileSync(`${folder}/secrets/${name}`, reveal(value));
      writeFileSync(`${folder}/script`, here(render(plan, { base: 'any', ...options, id })));
      const [command = 'dash', ...words] = [...wrapper, 'dash', `${folder}/script`];
      const { status, stderr } = spawnSync(command, words, { cwd: root, timeout: 60_000 });
      const journal = existsSync(`${folder}/journal`) ? readFileSync(`${folder}/journal`, 'utf8') : '';
      return { code: status, stderr: String(stderr), journal: journal.trimEnd().replaceAll('\t', ' ').split('\n') };
    },
    plan: (...resources) => planOf({ p: resources }, outputs(resources), remembered()),
    planSites: (sites) => {
      const siteOf = new Map(
        Object.entries(sites).flatMap(([site, own]) => (site === '*' ? [] : own.map((resource) => [resource, site] as const))),
      );
      const desired = Object.values(sites).flat();
      const all = withRemovals(
        desired.map((resource) => ({ playbook: 'p', resource })),
        remembered(),
        kinds,
      ).map(({ resource }) => resource);
      return planOf({ p: desired }, outputs(all), remembered(), true, (resource) => siteOf.get(resource));
    },
    removal: ({ allowDestroy }) => {
      const gone = withRemovals([], remembered(), kinds).map(({ resource }) => resource);
      return planOf({}, outputs(gone), remembered(), allowDestroy);
    },
    write: (path, content, mode = 0o644) => {
      const full = `${root}${path}`;
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content, { mode });
      return full;
    },
    text: (path) => readFileSync(`${root}${path}`, 'utf8'),
    tree: (path) => readdirSync(`${root}${path}`, { recursive: true, encoding: 'utf8' }).sort(),
    end: () => rmSync(root, { recursive: true, force: true }),
  };
}
