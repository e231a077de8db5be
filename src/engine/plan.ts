import type { About } from '../config/about.ts';
import { Problem } from '../error.ts';
import type { Facts } from '../facts/facts.ts';
import { adopting, type Difference, phaseOf } from './difference.ts';
import { type Effect, effectsOf, pathOf } from './effect.ts';
import type { Entry } from './entry.ts';
import { type Handler, handlerId, parseHandler } from './handler.ts';
import { damaged, fingerprint, type Manifest, manifestOf, manifestPath, type Remembered } from './manifest.ts';
import { type Part, partNames, partsOf } from './part.ts';
import { type Phase, phases } from './phase.ts';
import { handlersOf, type PlannedHandler } from './planned-handler.ts';
import type { DesiredResource } from './playbook.ts';
import { requireOurs } from './pre-existing.ts';
import type { Kind, ListenPort, Reason, Resource } from './resource.ts';
import { isSame, nameOf, parseName, type ResourceId } from './resource-id.ts';
import type { ShellLibrary } from './shell-library.ts';

/** A difference with everything that the user is shown about it. `apply` executes these objects and nothing else. */
export interface Change extends Difference {
  readonly resource: ResourceId;
  readonly playbook: string;
  readonly reason: Reason;
  readonly phase: Phase;
  /** The name of the part of the plan that is rolled back alone if the change fails. Without one, the whole run is rolled back. */
  readonly part?: string;
  readonly effects: readonly Effect[];
  readonly notify: readonly Handler[];
  /** The shell functions that its commands call. */
  readonly shell: readonly ShellLibrary[];
  /** The TCP ports that must be free, because the change starts the service that listens on them. */
  readonly ports?: readonly ListenPort[];
  /** The services that it reloads or restarts, with the TCP ports on which no other program may listen. */
  readonly reloads?: readonly { readonly unit: string; readonly ports: readonly ListenPort[] }[];
  /** The unified diff of a file, if it was asked for. */
  readonly diff?: string;
}

export interface Plan {
  /** The configuration's name, which is also the manifest's. */
  readonly name: string;
  readonly changes: readonly Change[];
  /** The handlers in the order in which they run. */
  readonly handlers: readonly PlannedHandler[];
  /** The ids of an interrupted run's pending handlers that this run makes unnecessary, because it restarts, starts or stops their unit. */
  readonly clearedHandlers: readonly string[];
  /** Removals of data that the user has not allowed. */
  readonly refused: readonly Change[];
  /** The number of resources that were compared. */
  readonly checked: number;
  readonly manifest: Manifest;
  /** The host's records of these resources before this run, by name. */
  readonly before: Manifest['resources'];
  /** One sentence about each thing that people have added to the host themselves. */
  readonly remarks: readonly string[];
  /** The names of the playbooks, in order. */
  readonly playbooks: readonly string[];
  /** What is rolled back alone if a step of it fails. Empty if the configuration has one site. */
  readonly parts: readonly Part[];
}

export interface Comparison {
  readonly name: string;
  readonly version: string;
  readonly desired: readonly DesiredResource[];
  readonly remembered: Remembered;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** What each kind's `read` printed. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly facts: Facts;
  readonly allowDestroy: boolean;
  /** The names of resources that may be taken over if they exist on the host already. */
  readonly adopt?: readonly string[];
  /** What the manifest tells other configurations about the host. */
  readonly about?: About;
}

/**
 * Returns the desired resources, followed by the removals of those that an earlier run created and that are no longer desired. What was
 * created last is removed first.
 */
export function withRemovals(
  desired: readonly DesiredResource[],
  remembered: Remembered,
  kinds: ReadonlyMap<string, Kind>,
): readonly DesiredResource[] {
  const { manifest, pending, others } = remembered;
  const names = new Set(desired.map(({ resource }) => nameOf(resource)));
  const known = { ...manifest?.resources, ...pending?.resources };
  const retained = retainedBy(desired, remembered, kinds);
  const handlers = { ...manifest?.handlers, ...pending?.handlers };
  const gone = Object.entries(known).flatMap(([name, entry]): DesiredResource[] => {
    const shared = others.some((other) => name in other.resources);
    const { kind: kindName, id } = parseName(name);
    const kind = kinds.get(kindName);
    if (names.has(name) || retained.has(name) || shared || !entry.made || !kind?.absent) return [];
    const record = pending && name in pending.resources ? `${pending.name}.pending` : (manifest?.name ?? '');
    const resource = removalOf(kind.absent, id, entry, manifestPath(record));
    const notify = entry.notify.flatMap((each) => handlers[each] ?? []).map(parseHandler);
    return [{ playbook: entry.playbook, resource: { ...resource, notify }, ...(entry.site !== undefined && { site: entry.site }) }];
  });
  return [...desired, ...gone.reverse()];
}

/** Returns the names of resources that are no longer desired but that the remaining releases need. */
function retainedBy(desired: readonly DesiredResource[], remembered: Remembered, kinds: ReadonlyMap<string, Kind>): ReadonlySet<string> {
  const { manifest, pending, releases = new Map() } = remembered;
  const known = { ...manifest?.resources, ...pending?.resources };
  const needed = desired.flatMap(({ resource }) => kinds.get(resource.kind)?.retains?.(resource, releases, known) ?? []);
  const names = new Set(needed.map(nameOf));
  for (const { resource } of desired) names.delete(nameOf(resource));
  return names;
}

function removalOf(absent: NonNullable<Kind['absent']>, id: string, entry: Entry, path: string): Resource {
  try {
    return absent(id, entry.remembered);
  } catch (cause) {
    throw damaged(path, `it contains the invalid id ${JSON.stringify(id)}`, cause);
  }
}

/** Compares the desired resources with the host's current state and returns the plan. This is a pure function. */
export function compare(input: Comparison): Plan {
  const { desired, remembered, kinds, outputs } = input;
  for (const { playbook, resource } of desired) if (!kinds.has(resource.kind)) throw unknownKind(playbook, resource);
  requireOurs(desired, remembered, kinds, outputs, input.adopt ?? []);
  const all = withRemovals(desired, remembered, kinds);
  const differences = differencesOf(input, all);
  const remarks: string[] = [];
  const createdNames: string[] = [];
  for (const kind of kinds.values()) {
    const resources = ofKind(kind, all);
    if (resources.length === 0) continue;
    remarks.push(...kind.remarks(resources, outputs.get(kind.name) ?? ''));
    createdNames.push(...kind.createdByRun(resources, outputs.get(kind.name) ?? '').map((id) => nameOf({ kind: kind.name, id })));
  }
  const stopped = new Set([...differences.values()].flat().flatMap((each) => effectsOf(each, 'stops').map(({ unit }) => unit)));
  const listening = all.flatMap(({ resource: { id, ports } }) => (ports ? [{ unit: id, ports }] : []));
  const found = all.flatMap(({ playbook, resource }) =>
    (differences.get(nameOf(resource)) ?? []).flatMap((difference): Change | readonly Change[] => {
      if (difference.basis === 'unread' && remembered.manifest?.resources[nameOf(resource)]?.wanted === fingerprint(resource)) return [];
      const notify = resource.notify.filter(({ unit }) => !stopped.has(unit));
      const reloads = listening.filter(({ unit }) => notify.some((handler) => handler.unit === unit));
      return {
        ...(isOurs(nameOf(resource), remembered) ? difference : adopting(difference)),
        resource: { kind: resource.kind, id: resource.id },
        playbook,
        phase: phaseOf(difference, kinds.get(resource.kind)?.phase ?? 'state'),
        effects: difference.effects ?? [],
        notify,
        shell: [...(kinds.get(resource.kind)?.shell.run ?? []), ...(resource.shell ?? [])],
        ...(effectsOf(difference, 'starts').length > 0 && resource.ports && { ports: resource.ports }),
        ...(reloads.length > 0 && { reloads }),
        reason: reasonOf(resource, difference, remembered),
      };
    }),
  );
  const names = partNames(all, desired.length, found, kinds);
  const changes = found.map((change): Change => {
    const part = names.get(nameOf(change.resource));
    return part === undefined ? change : { ...change, part };
  });
  const mayDestroy = (what: 'data' | 'logs') => input.allowDestroy || (what === 'logs' && desired.length === 0);
  const refused = changes.filter((change) => effectsOf(change, 'destroys').some(({ what }) => !mayDestroy(what)));
  const withheld = changes.filter((change) => refused.includes(change) || refused.some((refusal) => mustWaitFor(refusal, change)));
  const made = changes.filter((change) => !withheld.includes(change));
  const playbooks = [...new Set(all.map(({ playbook }) => playbook))];
  const handlers = handlersOf(made, all, remembered.pendingHandlers, playbooks);
  const manifest = withKept(
    manifestOf(input.name, input.version, desired, madeBy(made, remembered, createdNames), input.about),
    new Set([...withheld.map(({ resource }) => nameOf(resource)), ...retainedBy(desired, remembered, kinds)]),
    remembered,
  );
  return {
    name: input.name,
    changes: inOrder(made),
    handlers,
    clearedHandlers: remembered.pendingHandlers.filter((id) => !handlers.some((handler) => handlerId(handler) === id)),
    refused,
    checked: all.length,
    before: { ...remembered.manifest?.resources, ...remembered.pending?.resources },
    manifest,
    remarks,
    playbooks,
    parts: partsOf(names, remembered, manifest),
  };
}

function ofKind({ name }: Kind, all: readonly DesiredResource[]): readonly Resource[] {
  return all.flatMap(({ resource }) => (resource.kind === name ? [resource] : []));
}

/**
 * Returns the differences by the resources' names. The host has compared what contains secrets with their present values, so what contains a
 * secret that this run replaces is compared again.
 */
function differencesOf({ kinds, outputs, facts }: Comparison, all: readonly DesiredResource[]): ReadonlyMap<string, readonly Difference[]> {
  const differing = (renewed?: ReadonlySet<string>) =>
    new Map(
      [...kinds.values()].flatMap((kind) => {
        const resources = ofKind(kind, all);
        const found = resources.length === 0 ? [] : [...kind.compare(resources, outputs.get(kind.name) ?? '', facts, renewed)];
        return found.map(([id, each]) => [nameOf({ kind: kind.name, id }), each] as const);
      }),
    );
  const differences = differing();
  const changed = [...differences.values()].flat();
  const renewed = new Set(
    changed.flatMap((each) => [...effectsOf(each, 'supplies'), ...effectsOf(each, 'carries')].map(({ name }) => name)),
  );
  return renewed.size === 0 ? differences : differing(renewed);
}

function unknownKind(playbook: string, resource: Resource): Problem {
  return new Problem({
    message: `The playbook "${playbook}" lists ${nameOf(resource)}, but no playbook provides the resource kind "${resource.kind}".`,
    hint: 'Add the kind to the `kinds` of the playbook.',
  });
}

/**
 * Returns whether a run of this or another configuration has created or applied the resource. The record of an interrupted run does not
 * count, because that run may not have reached the resource.
 */
function isOurs(name: string, { manifest, others }: Remembered): boolean {
  if (manifest?.held?.[name]) return true;
  return [...(manifest ? [manifest] : []), ...others].some(({ resources }) => name in resources);
}

/**
 * Returns the resources that this run or earlier ones created, including runs of other configurations, with what is remembered about each.
 * A resource that already existed still belongs to its owner, even if a run had to repair it.
 */
function madeBy(changes: readonly Change[], remembered: Remembered, createdNames: readonly string[]): ReadonlyMap<string, unknown> {
  const { manifest, pending, others } = remembered;
  const known = { ...manifest?.resources, ...pending?.resources };
  const earlier = [...others.map(({ resources }) => resources), known].flatMap((resources) =>
    Object.entries(resources).flatMap(([name, entry]): [string, unknown][] => (entry.made ? [[name, entry.remembered]] : [])),
  );
  const made = changes.flatMap((change): [string, unknown][] => {
    const name = nameOf(change.resource);
    if (isOurs(name, remembered) || name in known) return [];
    if (change.action !== 'update') return [[name, undefined]];
    return effectsOf(change, 'adopts').map(({ remember }) => [name, remember]);
  });
  // What a package created in the meantime was created by that run, too.
  const held = Object.entries(manifest?.held ?? {}).flatMap(([name, ours]): [string, unknown][] => (ours ? [[name, undefined]] : []));
  return new Map([...createdNames.map((name): [string, unknown] => [name, undefined]), ...held, ...earlier, ...made]);
}

/**
 * Returns whether a removal must wait because the data of a refused one stays. This applies to the folders that contain the data, to what
 * is inside it, and to the accounts that own it. If an owner were removed, a new account could get its numeric ID, and with it the data.
 */
function mustWaitFor(refusal: Change, change: Change): boolean {
  if (change.action !== 'remove') return false;
  const [dataPath, path] = [pathOf(refusal), pathOf(change)];
  const overlaps =
    dataPath !== undefined && path !== undefined && (`${dataPath}/`.startsWith(`${path}/`) || path.startsWith(`${dataPath}/`));
  return overlaps || effectsOf(refusal, 'destroys').some(({ owners }) => owners.some((owner) => isSame(owner, change.resource)));
}

/** Adds to the manifest the resources that are no longer desired but have not been removed yet. */
function withKept(manifest: Manifest, names: ReadonlySet<string>, remembered: Remembered): Manifest {
  // These are in the order of their creation, which later removals reverse.
  const entries = Object.entries({ ...remembered.manifest?.resources, ...remembered.pending?.resources }).filter(([name]) =>
    names.has(name),
  );
  return { ...manifest, resources: { ...manifest.resources, ...Object.fromEntries(entries) } };
}

/** Returns why a change is necessary; see `Reason`. */
function reasonOf(resource: Resource, difference: Difference, { manifest, pending }: Remembered): Reason {
  const name = nameOf(resource);
  const now = fingerprint(resource);
  const last = manifest?.resources[name]?.wanted;
  const interrupted = pending?.resources[name]?.wanted;
  if ((difference.basis === 'retried' && last === now) || name in (manifest?.held ?? {})) return 'pending';
  if (pending && last !== now && (interrupted === now || (interrupted === undefined && last !== undefined))) return 'pending';
  if (last !== undefined) return last === now && difference.basis !== 'renewed' ? 'drift' : 'update';
  return difference.action === 'update' ? 'update' : 'new';
}

function inOrder(changes: readonly Change[]): readonly Change[] {
  return phases.flatMap((phase) => changes.filter((change) => change.phase === phase));
}
