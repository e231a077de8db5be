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

/** Why a change is in the plan: not there yet; the wanted state moved; someone changed the host; a run was cut off. */
export type Reason = 'new' | 'update' | 'drift' | 'pending';

/** One truth about the finished host. */
export interface Resource extends ResourceId {
  /** What is wanted; plain data, compared and hashed as it is. */
  readonly attributes: unknown;
  readonly notify: readonly Handler[];
  /** Written in the manifest's place of `attributes` where those are long or secret. */
  readonly remember?: unknown;
  /** Stays when nobody wants it any more, as the way back: another resource prunes it. It goes with the folder that it is in. */
  readonly retained?: true;
  /** Nobody else's: one that is on the host already and did not come by us is taken over only where the user says so, and two configurations never share one. */
  readonly exclusive?: true;
  /** Why it would take something from others, as the facts tell; refused like what is on the host already. */
  readonly disputed?: string;
  /** What the commands of this one call, besides what its kind's do. */
  readonly shell?: readonly ShellLibrary[];
  /** TCP ports that it listens on once it runs, which nobody else may hold when it is started. */
  readonly ports?: readonly number[];
}

/** The libraries of shell functions that a kind's commands call. */
export interface KindShell {
  /** For what a run does: steps and what undoes them. */
  readonly run: readonly ShellLibrary[];
  /** For `read`. */
  readonly read: readonly ShellLibrary[];
}

export interface Kind {
  readonly name: string;
  readonly phase: Phase;
  readonly shell: KindShell;
  /** One command that reads the current state of all of these, however many they are. */
  readonly read: (resources: readonly Resource[], facts: Facts) => Command;
  /** The changes that each resource needs, by `id`; a resource that is as wanted has none. */
  readonly compare: (resources: readonly Resource[], output: string, facts: Facts) => ReadonlyMap<string, readonly Difference[]>;
  /** What people have added beside ours, one sentence each: theirs to keep, and worth knowing. */
  readonly remarks: (resources: readonly Resource[], output: string) => readonly string[];
  /** By `id`, what came by a run of ours that no manifest tells of, since it was put back all the same. */
  readonly createdByRun: (resources: readonly Resource[], output: string) => readonly string[];
  /** What is on the host under a resource's name and would be taken over, by `id`: who has it, in words. Asked only of what no run of ours has brought. */
  readonly conflicts: (resources: readonly Resource[], output: string) => ReadonlyMap<string, string>;
  /** The resource that wants this one gone, from what the manifest remembers. Left out where removal means nothing. */
  readonly absent?: (id: string, remembered: unknown) => Resource;
  /** What stays for what this resource keeps on the host, of all that is `known` there. Left out where it keeps nothing. */
  readonly retains?: (resource: Resource, releases: RecordedReleases, known: Readonly<Record<string, Entry>>) => readonly ResourceId[];
}

/** A resource of a kind whose attributes are known. */
export interface ResourceOf<A> extends Resource {
  readonly attributes: A;
}

/** What a resource may say besides its attributes. */
export interface ResourceOptions extends Omit<Resource, 'kind' | 'id' | 'attributes' | 'notify'> {
  readonly notify?: Handler | readonly Handler[] | undefined;
}

/** A kind, and the only maker of its resources. Throws a TypeError where the identity is none. */
export interface DefinedKind<A> extends Kind {
  readonly resource: (id: string, attributes: A, options?: ResourceOptions) => ResourceOf<A>;
}

/** What one kind is made of; `A` are its attributes and `S` is a resource's current state. */
export interface KindDefinition<A, S> {
  readonly name: string;
  readonly phase: Phase;
  /** Throws a TypeError where a resource cannot have this identity, and returns it. */
  readonly check?: (id: string) => string;
  readonly shell?: Partial<KindShell>;
  readonly read: (resources: readonly ResourceOf<A>[], facts: Facts) => Command;
  readonly parse: (output: string) => ReadonlyMap<string, S>;
  readonly diff: (id: string, desired: A, current: S | undefined, facts: Facts) => readonly Difference[];
  readonly remark?: (id: string, current: S) => readonly string[];
  /** See `Kind`. */
  readonly createdByRun?: (current: S) => boolean;
  /** See `Kind`; undefined where to adopt what is there does no harm. */
  readonly conflict?: (desired: ResourceOf<A>, current: S) => string | undefined;
  /** The attributes that want a resource gone, from what the manifest remembers of it; see `Kind`. */
  readonly absent?: (remembered: unknown) => A;
  readonly retains?: (id: string, desired: A, releases: RecordedReleases, known: Readonly<Record<string, Entry>>) => readonly ResourceId[];
}

/** Hides a kind's own types from the engine, and makes its resources. */
export function defineKind<A, S>(definition: KindDefinition<A, S>): DefinedKind<A> {
  const { name, check = (id) => id, absent } = definition;
  if (!/^[a-z][a-z-]*$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name for a kind: lower-case letters and hyphens`);
  const make = (id: string, attributes: A, { notify = [], ...more }: ResourceOptions = {}): ResourceOf<A> => ({
    kind: name,
    id: check(id),
    attributes,
    notify: [notify].flat(),
    ...more,
  });
  // The name tells what the attributes are, since nothing else makes resources of this name.
  const isOwn = (resource: Resource): resource is ResourceOf<A> => resource.kind === name;
  const own = (resources: readonly Resource[]) => resources.filter(isOwn);
  /** Those of the resources that the host has, each with its state. */
  const found = (resources: readonly Resource[], output: string) => {
    const current = definition.parse(output);
    return own(resources).flatMap((resource) => {
      const state = current.get(resource.id);
      return state === undefined ? [] : [{ resource, state }];
    });
  };
  return {
    name,
    phase: definition.phase,
    shell: { run: [], read: [], ...definition.shell },
    resource: make,
    read: (resources, facts) => definition.read(own(resources), facts),
    compare: (resources, output, facts) => {
      if (output.includes('\0')) throw damagedAnswer(name);
      const current = definition.parse(output);
      return new Map(own(resources).map(({ id, attributes }) => [id, definition.diff(id, attributes, current.get(id), facts)]));
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
      retains: (resource, ...given) =>
        own([resource]).flatMap(({ id, attributes }) => definition.retains?.(id, attributes, ...given) ?? []),
    }),
  };
}

function damagedAnswer(kind: string): Problem {
  return new Problem({
    message: `The host's answer about its resources of the kind ${kind} contains a NUL byte, so it is damaged.`,
    hint: 'Run again.',
  });
}
