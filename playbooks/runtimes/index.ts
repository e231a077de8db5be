import { type Facts, file, type Playbook, type Resource, type RuntimeName, type Scope, type Site } from '../../src/index.ts';
import { databaseOf } from '../database/engine.ts';
import { pathsOf } from '../host/paths.ts';
import { command } from './command/command.ts';
import { environmentFile, secretsOf } from './environment.ts';
import type { Instance } from './instance.ts';
import { node } from './node/node.ts';
import { php } from './php/php.ts';
import { python } from './python/python.ts';
import type { Runtime } from './runtime.ts';
import { files } from './static/static.ts';

/** Every kind of application, by its name in a configuration. The settings of each are in src/runtimes/. */
const runtimes: Readonly<Record<RuntimeName, Runtime>> = { php, python, node, command, static: files };

/** The playbooks that set up what the runtimes need on a host. */
export const runtimePlaybooks: readonly Playbook[] = Object.values(runtimes).flatMap(({ playbook }) => playbook ?? []);

export function runtimeOf({ runtime }: Site): Runtime {
  return runtimes[runtime.kind];
}

/** Returns the instance that answers the site's requests, or undefined if only files are served. */
export function answering(scope: Scope, facts: Facts): Instance | undefined {
  return runtimeOf(scope.site).instance?.(scope, facts);
}

/** Returns the path of the environment file for a site's hooks, workers and scheduled commands. */
export function environmentPath(scope: Scope, facts: Facts): string {
  return answering(scope, facts)?.environment ?? `${pathsOf(scope.site).instances}/environment`;
}

/**
 * Returns that environment file for a site without an instance, if the site has hooks, workers or scheduled commands. An instance has its own.
 */
export function ownEnvironment(scope: Scope, facts: Facts): readonly Resource[] {
  const { site } = scope;
  const { hooks } = site.app;
  const runs = [...Object.keys(site.workers), ...Object.keys(site.cron), ...hooks.before, ...hooks.after];
  if (runs.length === 0 || answering(scope, facts)) return [];
  const database = databaseOf(site, facts);
  return [
    file(environmentPath(scope, facts), { content: environmentFile(site, database), mode: '0600', secrets: secretsOf(site, database) }),
  ];
}

/** Returns the runtime's folders that the site may write. */
export function foldersOf(site: Site): readonly string[] {
  return runtimeOf(site).folders?.(site) ?? [];
}

/** Returns the needs of a release with this unit, from the runtime that the unit is named after. */
export function needsOfUnit(unit: string, domain: string): readonly Resource[] {
  return Object.entries(runtimes).flatMap(([name, { needs }]) => (unit.startsWith(`${name}-${domain}-`) ? (needs?.(domain) ?? []) : []));
}
