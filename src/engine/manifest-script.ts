import { type Command, sh, withInput } from '../command/command.ts';
import { touchesAccess } from './lockout.ts';
import type { Manifest } from './manifest.ts';
import type { Part } from './part.ts';
import type { Plan } from './plan.ts';
import { nameOf } from './resource-id.ts';
import { isPurge } from './steps.ts';

/** Returns the function that prints the manifest. If sites may be rolled back, it takes their record from before the run. */
export function manifestFunction(name: string, manifest: Manifest, { parts }: Plan): Command {
  const [print, text] = parts.length === 0 ? [sh`cat`, JSON.stringify(manifest)] : [sh`select_entries`, markedEntries(manifest, parts)];
  return sh`${name}() {\n  ${withInput(print, text, 'FOOBAR_PROVISION_MANIFEST')}\n}\n`;
}

/** Returns a manifest with a line for each entry, after lines that tell `select_entries` which part the next ones belong to. */
function markedEntries({ resources, handlers, ...more }: Manifest, parts: readonly Part[]): string {
  const partOf = new Map(parts.flatMap((part) => part.resources.map((resource) => [resource, part.name] as const)));
  const current = (name: string) => (partOf.has(name) ? `@ new ${partOf.get(name)}` : '@');
  const before = (which: keyof Part['before']) => parts.flatMap((part) => marked(part.before[which], () => `@ old ${part.name}`));
  return [
    `${JSON.stringify(more).slice(0, -1)},"resources":{`,
    ...marked(resources, current),
    ...before('resources'),
    '@',
    '},"handlers":{',
    ...marked(handlers, () => '@'),
    ...before('handlers'),
    '@',
    '}}',
  ].join('\n');
}

function marked(entries: Readonly<Record<string, unknown>>, markOf: (name: string) => string): readonly string[] {
  let last = '';
  return Object.entries(entries).flatMap(([name, entry]) => {
    const mark = markOf(name);
    const line = `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
    if (mark === last) return [line];
    last = mark;
    return [mark, line];
  });
}

/**
 * Returns the manifest for a run that did not apply the access settings. For these, and for packages that are purged after them, it keeps
 * what was recorded before.
 */
export function manifestWithoutAccess({ manifest, changes, before }: Plan): Manifest {
  const access = changes.filter(touchesAccess).map(({ resource }) => nameOf(resource));
  if (access.length === 0) return manifest;
  const withheld = new Set([...access, ...changes.filter(isPurge).map(({ resource }) => nameOf(resource))]);
  const resources = Object.entries(manifest.resources).filter(([name]) => !withheld.has(name));
  const kept = Object.entries(before).filter(([name]) => withheld.has(name));
  const ours = [...withheld].map((name): [string, boolean] => [name, manifest.resources[name]?.made ?? false]);
  return { ...manifest, resources: Object.fromEntries([...kept, ...resources]), held: Object.fromEntries(ours) };
}
