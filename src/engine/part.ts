import type { Entry } from './entry.ts';
import { type Handler, type HandlerRecord, handlerId } from './handler.ts';
import { type AccessChange, touchesAccess } from './lockout.ts';
import type { Manifest, Remembered } from './manifest.ts';
import type { DesiredResource } from './playbook.ts';
import type { Kind } from './resource.ts';
import { nameOf, type ResourceId } from './resource-id.ts';

/**
 * The name of the part that removes what no site needs any more. A site that is rolled back may need it again, so these removals are rolled
 * back with the first site that is.
 */
export const sharedRemovals = '-';

/** A part of a plan that is rolled back alone if one of its steps fails: what only one of several sites has, or the shared removals. */
export interface Part {
  /** The site's domain, or `-` for the shared removals. */
  readonly name: string;
  /** The names of its resources. */
  readonly resources: readonly string[];
  /** What the manifest keeps on record about them if the part is rolled back. */
  readonly before: Pick<Manifest, 'resources' | 'handlers'>;
}

/** A change that handlers run for. */
interface Notifying {
  readonly notify: readonly Handler[];
  readonly part?: string;
}

/** Returns the site of a part. The shared removals have none. */
export function siteOf(part: string | undefined): string | undefined {
  return part === sharedRemovals ? undefined : part;
}

/**
 * Returns the part of each resource, by its name. What is in no part belongs to the host, and a failure there ends the run: what sites
 * share, packages, which are installed in one transaction, and what may close SSH access. `all` are the desired resources, and after
 * `desired` of them those to remove.
 */
export function partNames(
  all: readonly DesiredResource[],
  desired: number,
  changes: readonly (AccessChange & { readonly resource: ResourceId })[],
  kinds: ReadonlyMap<string, Kind>,
): ReadonlyMap<string, string> {
  if (all.every(({ site }) => site === undefined)) return new Map();
  const access = new Set(changes.filter(touchesAccess).map(({ resource }) => nameOf(resource)));
  return new Map(
    all.flatMap(({ resource, site }, index): [string, string][] => {
      if (access.has(nameOf(resource))) return [];
      const own = kinds.get(resource.kind)?.phase === 'packages' ? undefined : site;
      const part = own ?? (index >= desired ? sharedRemovals : undefined);
      return part === undefined ? [] : [[nameOf(resource), part]];
    }),
  );
}

/** Returns the parts of a plan, with what is on record about each. */
export function partsOf(
  names: ReadonlyMap<string, string>,
  { manifest, pending }: Pick<Remembered, 'manifest' | 'pending'>,
  now: Manifest,
): readonly Part[] {
  const known: Readonly<Record<string, Entry>> = { ...pending?.resources, ...manifest?.resources };
  const handlers: Readonly<Record<string, HandlerRecord>> = { ...pending?.handlers, ...manifest?.handlers };
  return [...new Set(names.values())].map((name) => {
    const resources = [...names].flatMap(([resource, part]) => (part === name ? [resource] : []));
    const entries = Object.entries(known).filter(([resource]) => names.get(resource) === name);
    const notified = new Set(entries.flatMap(([, { notify }]) => notify));
    const others = Object.entries(handlers).filter(([id]) => notified.has(id) && !(id in now.handlers));
    return { name, resources, before: { resources: Object.fromEntries(entries), handlers: Object.fromEntries(others) } };
  });
}

/**
 * Returns the part whose changes alone notify a handler, so that the handler fails with it and is left out with it. Without one, the handler
 * belongs to the host.
 */
export function partOfHandler(handler: Handler & { readonly pending: boolean }, changes: readonly Notifying[]): string | undefined {
  const [first, ...others] = changes.filter((change) => notifies(change, handler));
  return !handler.pending && first && others.every(({ part }) => part === first.part) ? first.part : undefined;
}

/** Returns whether a change makes the run execute a handler. A restart counts for a reload of the same unit, which it replaces. */
export function notifies({ notify }: Pick<Notifying, 'notify'>, handler: Handler): boolean {
  return notify.some((each) => handlerId(each) === handlerId(handler) || (handler.verb === 'restart' && each.unit === handler.unit));
}
