import type { Facts, Playbook, Resource, RuntimeName, Scope, Site } from '../../src/index.ts';
import type { Instance } from './instance.ts';
import { php } from './php/php.ts';
import { python } from './python/python.ts';
import type { Runtime } from './runtime.ts';
import { files } from './static/static.ts';

/** Every kind of application there is, by the name that a configuration has for it; src/runtimes/ has what a configuration says of each. */
const runtimes: Readonly<Record<RuntimeName, Runtime>> = { php, python, static: files };

/** What they need of a host. */
export const runtimePlaybooks: readonly Playbook[] = Object.values(runtimes).flatMap(({ playbook }) => playbook ?? []);

export function runtimeOf({ runtime }: Site): Runtime {
  return runtimes[runtime.kind];
}

/** What answers the site's requests; undefined where files alone are served. */
export function answering(scope: Scope, facts: Facts): Instance | undefined {
  return runtimeOf(scope.site).instance?.(scope, facts);
}

/** Folders of the runtime's own that the site may write. */
export function foldersOf(site: Site): readonly string[] {
  return runtimeOf(site).folders?.(site) ?? [];
}

/** What a release needs whose unit this is, by the runtime that the unit is named after. */
export function needsOfUnit(unit: string, domain: string): readonly Resource[] {
  return Object.entries(runtimes).flatMap(([name, { needs }]) => (unit.startsWith(`${name}-${domain}-`) ? (needs?.(domain) ?? []) : []));
}
