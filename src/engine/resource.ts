import type { Command } from '../command/command.ts';
import { Problem } from '../error.ts';
import type { Facts } from '../facts/facts.ts';
import type { Difference } from './difference.ts';
import type { Entry } from './entry.ts';
import type { Handler } from './handler.ts';
import type { Phase } from './phase.ts';
import type { ResourceId } from './resource-id.ts';
import type { RecordedReleases } from './retained.ts';
import type { ShellLibrary } from './shell-library.ts';

/**
 * Why a change is in the plan: the resource is missing, the configuration has changed, someone has changed the host, or a run was
 * interrupted.
 */
export type Reason = 'new' | 'update' | 'drift' | 'pending';

/** A TCP port, on all addresses or only on loopback. */
export type ListenPort = number | { readonly port: number; readonly on: 'loopback' };

/** One fact about the finished host. */
export interface Resource extends ResourceId {
  /** The desired attributes, as plain data that is compared and hashed. */
  readonly attributes: unknown;
  readonly notify: readonly Handler[];
  /** What the manifest records instead of `attributes`, if these are long or secret. */
  readonly remember?: unknown;
  /**
   * True if it stays on the host when it is no longer desired, because a rollback needs it. Another resource prunes it, and it is removed
   * together with its folder.
   */
  readonly retained?: true;
  /**
   * True if it must not be shared. One that exists already is taken over only if the user allows it, and two configurations cannot both
   * have it.
   */
  readonly exclusive?: true;
  /** Why it would take something from others, according to the facts. It is refused like a pre-existing resource. */
  readonly disputed?: string;
  /** The shell functions that its commands call, besides those of its kind. */
  readonly shell?: readonly ShellLibrary[];
  /** The TCP ports that it listens on, which must be free when it is started. */
  readonly ports?: readonly ListenPort[];
}

/** The libraries of shell functions that a kind's commands call. */
export interface KindShell {
  /** For the steps of a run and their undo commands. */
  readonly run: readonly ShellLibrary[];
  /** For `read`. */
  readonly read: readonly ShellLibrary[];
}

export interface Kind {
  readonly name: string;
  readonly phase: Phase;
  readonly shell: KindShell;
  /** Returns one command that reads the current state of all these resources. */
  readonly read: (resources: readonly Resource[], facts: Facts) => Command;
  /**
   * Returns the changes that each resource needs, by `id`. A resource in its desired state has none. `renewed` are the names of the secrets
   * that the same run replaces.
   */
  readonly compare: (
    resources: readonly Resource[],
    output: string,
    facts: Facts,
    renewed?: ReadonlySet<string>,
  ) => ReadonlyMap<string, readonly Difference[]>;
  /** Returns what people have added, one sentence each. It is kept. */
  readonly remarks: (resources: readonly Resource[], output: string) => readonly string[];
  /** Returns the ids of resources that a run has created although no manifest records them, because that run was rolled back. */
  readonly createdByRun: (resources: readonly Resource[], output: string) => readonly string[];
  /**
   * Returns the pre-existing resources that would be taken over, by `id`, each with the reason in words. It is called only for resources
   * that no run has created.
   */
  readonly conflicts: (resources: readonly Resource[], output: string) => ReadonlyMap<string, string>;
  /** Returns the resource that removes this one, given what the manifest remembers. Missing if the kind cannot be removed. */
  readonly absent?: (id: string, remembered: unknown) => Resource;
  /** Returns which of the `known` resources must stay because this resource needs them. Missing if it needs none. */
  readonly retains?: (resource: Resource, releases: RecordedReleases, known: Readonly<Record<string, Entry>>) => readonly ResourceId[];
}

/** A resource of a kind whose attributes are known. */
export interface ResourceOf<A> extends Resource {
  readonly attributes: A;
}

/** The options of a resource besides its attributes. */
export interface ResourceOptions extends Omit<Resource, 'kind' | 'id' | 'attributes' | 'notify'> {
  readonly notify?: Handler | readonly Handler[] | undefined;
}

/** A kind that also creates its resources. `resource` throws a TypeError if the identity is invalid. */
export interface DefinedKind<A> extends Kind {
  readonly resource: (id: string, attributes: A, options?: ResourceOptions) => ResourceOf<A>;
}

/** The definition of a kind. `A` are its attributes, and `S` is a resource's current state. */
export interface KindDefinition<A, S> {
  readonly name: string;
  readonly phase: Phase;
  /** Returns the identity, or throws a TypeError if it is invalid. */
  readonly check?: (id: string) => string;
  readonly shell?: Partial<KindShell>;
  readonly read: (resources: readonly ResourceOf<A>[], facts: Facts) => Command;
  readonly parse: (output: string) => ReadonlyMap<string, S>;
  readonly diff: (id: string, desired: A, current: S | undefined, facts: Facts) => readonly Difference[];
  /** Returns the current state of a resource that contains one of these secrets, which the same run replaces. Missing if none contains any. */
  readonly whenRenewed?: (desired: A, current: S, renewed: ReadonlySet<string>) => S;
  readonly remark?: (id: string, current: S) => readonly string[];
  /** See `Kind`. */
  readonly createdByRun?: (current: S) => boolean;
  /** See `Kind`; undefined if adopting what exists does no harm. */
  readonly conflict?: (desired: ResourceOf<A>, current: S) => string | undefined;
  /** Returns the attributes of the removal, given what the manifest remembers; see `Kind`. */
  readonly absent?: (remembered: unknown) => A;
  readonly retains?: (id: string, desired: A, releases: RecordedReleases, known: Readonly<Record<string, Entry>>) => readonly ResourceId[];
}

/** Returns a kind whose own types are hidden from the engine. */
export function defineKind<A, S>(definition: KindDefinition<A, S>): DefinedKind<A> {
  const { name, check = (id) => id, absent } = definition;
  if (!/^[a-z][a-z-]*$/.test(name))
    throw new TypeError(`${JSON.stringify(name)} is not a valid name for a kind: use lower-case letters and hyphens`);
  const make = (id: string, attributes: A, { notify = [], ...more }: ResourceOptions = {}): ResourceOf<A> => ({
    kind: name,
    id: check(id),
    attributes,
    notify: [notify].flat(),
    ...more,
  });
  // Only this kind creates resources of this name, so the name implies the type of the attributes.
  const isOwn = (resource: Resource): resource is ResourceOf<A> => resource.kind === name;
  const ofKind = (resources: readonly Resource[]) => resources.filter(isOwn);
  /** Returns the resources that exist on the host, each with its current state. */
  const found = (resources: readonly Resource[], output: string) => {
    const current = definition.parse(output);
    return ofKind(resources).flatMap((resource) => {
      const state = current.get(resource.id);
      return state === undefined ? [] : [{ resource, state }];
    });
  };
  return {
    name,
    phase: definition.phase,
    shell: { run: [], read: [], ...definition.shell },
    resource: make,
    read: (resources, facts) => definition.read(ofKind(resources), facts),
    compare: (resources, output, facts, renewed) => {
      if (output.includes('\0')) throw damagedAnswer(name);
      const { diff, whenRenewed } = definition;
      const states = definition.parse(output);
      const currentOf = ({ id, attributes }: ResourceOf<A>) => {
        const state = states.get(id);
        return state !== undefined && renewed && whenRenewed ? whenRenewed(attributes, state, renewed) : state;
      };
      return new Map(
        ofKind(resources).map((resource) => [resource.id, diff(resource.id, resource.attributes, currentOf(resource), facts)]),
      );
    },
    remarks: (resources, output) => {
      const { remark } = definition;
      return remark ? found(resources, output).flatMap(({ resource, state }) => remark(resource.id, state)) : [];
    },
    createdByRun: (resources, output) => {
      const { createdByRun } = definition;
      return createdByRun ? found(resources, output).flatMap(({ resource, state }) => (createdByRun(state) ? [resource.id] : [])) : [];
    },
    conflicts: (resources, output) => {
      const { conflict } = definition;
      if (!conflict) return new Map();
      return new Map(
        found(resources, output).flatMap(({ resource, state }): [string, string][] => {
          const whose = conflict(resource, state);
          return whose === undefined ? [] : [[resource.id, whose]];
        }),
      );
    },
    ...(absent && { absent: (id, remembered) => make(id, absent(remembered)) }),
    ...(definition.retains && {
      retains: (resource, ...records) =>
        ofKind([resource]).flatMap(({ id, attributes }) => definition.retains?.(id, attributes, ...records) ?? []),
    }),
  };
}

function damagedAnswer(kind: string): Problem {
  return new Problem({
    message: `The host's answer about its resources of the kind ${kind} contains a NUL byte, so it is damaged.`,
    hint: 'Run again.',
  });
}
