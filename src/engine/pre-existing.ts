import { Problem } from '../error.ts';
import type { Manifest, Remembered } from './manifest.ts';
import type { DesiredResource } from './playbook.ts';
import type { Kind } from './resource.ts';
import { nameOf } from './resource-id.ts';

/** The names of the resources that would be taken over, and whose they are. */
type Conflicts = readonly { readonly name: string; readonly whose: string }[];

/**
 * Throws a Problem if a desired resource exists on the host and no run has created it, or if it belongs to another configuration. `adopt`
 * contains the names that the user allows to be taken over.
 */
export function requireOurs(
  desired: readonly DesiredResource[],
  remembered: Remembered,
  kinds: ReadonlyMap<string, Kind>,
  outputs: ReadonlyMap<string, string>,
  adopt: readonly string[],
): void {
  const { manifest, pending, others } = remembered;
  const ours = { ...manifest?.resources, ...pending?.resources };
  const conflicts = [...kinds.values()].flatMap((kind): Conflicts => {
    const resources = desired.flatMap(({ resource }) => (resource.kind === kind.name && !(nameOf(resource) in ours) ? [resource] : []));
    const other = (name: string) => others.find(({ resources: theirs }) => name in theirs);
    const unknown = resources.filter((resource) => !other(nameOf(resource)) && !adopt.includes(nameOf(resource)));
    const found = unknown.length === 0 ? new Map<string, string>() : kind.conflicts(unknown, outputs.get(kind.name) ?? '');
    const disputed = unknown.flatMap((resource) => (resource.disputed ? [{ name: nameOf(resource), whose: resource.disputed }] : []));
    return [...[...found].map(([id, whose]) => ({ name: nameOf({ kind: kind.name, id }), whose })), ...disputed];
  });
  requireNoOther(desired, ours, others);
  if (conflicts.length === 0) return;
  const names = [...new Set(conflicts.map(({ name }) => `'${name}'`))].join(', ');
  throw new Problem({
    message: `The host already has resources of these names, and this configuration did not create them:\n${conflicts.map(({ name, whose }) => `  ${name} ${whose}`).join('\n')}`,
    hint: `Choose other names in the configuration. Or take them over: adopt: [${names}].`,
  });
}

/** Throws a Problem if another configuration has an exclusive resource, such as a site, an account or a database. */
function requireNoOther(desired: readonly DesiredResource[], ours: Manifest['resources'], others: readonly Manifest[]): void {
  const names = desired.flatMap(({ resource }) => (resource.exclusive ? [nameOf(resource)] : []));
  for (const { name: configuration, resources } of others) {
    const shared = names.filter((name) => name in resources && !(name in ours));
    if (shared.length > 0)
      throw new Problem({
        message: `Another configuration on this host, ${configuration}, has ${someOf(shared)}.`,
        hint: `A configuration is known on a host by its name, which by default is its first site's domain. If this is that configuration, with sites renamed, reordered or removed, add name: '${configuration}' to it: the plan then shows what happens to the others. Otherwise keep these sites in only one of the two.`,
      });
  }
}

/** Returns the first few names as text. */
function someOf(names: readonly string[]): string {
  const first = names.slice(0, 3);
  return [...first, ...(names.length > first.length ? [`${names.length - first.length} more`] : [])]
    .join(', ')
    .replace(/, (?=\d+ more$)/, ' and ');
}
