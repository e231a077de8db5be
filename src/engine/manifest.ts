import { createHash } from 'node:crypto';
import { z } from 'zod/mini';
import type { About } from '../config/about.ts';
import { Problem } from '../error.ts';
import { stateFolder } from '../host-paths.ts';
import { type Entry, entry } from './entry.ts';
import { type HandlerRecord, handlerId, handlerRecord, recordOf } from './handler.ts';
import type { DesiredResource } from './playbook.ts';
import type { Resource } from './resource.ts';
import { nameOf, type ResourceId } from './resource-id.ts';
import type { RecordedReleases } from './retained.ts';

const demand = z.catchall(z.object({ queues: z.number() }), z.number());
const about = z.object({
  name: z.string(),
  decides: z.boolean(),
  timezone: z.optional(z.string()),
  locale: z.optional(z.string()),
  swap: z.optional(z.number()),
  demand,
  shared: demand,
  domains: z.array(z.string()),
  names: z.array(z.string()),
  secure: z.array(z.string()),
  open: z.optional(z.array(z.string())),
  guideline: z.optional(z.enum(['intermediate', 'modern'])),
});
const schema = z.object({
  schema: z.literal(1),
  name: z.string(),
  version: z.string(),
  about: z.optional(about),
  resources: z.record(z.string(), entry),
  handlers: z.record(z.string(), handlerRecord),
  /**
   * The resources that the run did not change, because the change may close SSH access and no new login proved that it does not. True for
   * those that this program created. Hosts have this key on record.
   */
  held: z.optional(z.record(z.string(), z.boolean())),
});

/**
 * What one configuration has created on a host. It is committed by a rename when a run has succeeded. Hosts have these keys on record, so
 * they keep their names.
 */
export type Manifest = z.infer<typeof schema>;

/** What a host has on record about earlier runs. */
export interface Remembered {
  /** This configuration's manifest, as last committed. */
  readonly manifest?: Manifest;
  /** The manifest of an interrupted run of this configuration. */
  readonly pending?: Manifest;
  /** The manifests of other configurations on this host. */
  readonly others: readonly Manifest[];
  /** The ids of handlers that an interrupted run did not execute. */
  readonly pendingHandlers: readonly string[];
  /** The releases that have been live, and what each needs. */
  readonly releases?: RecordedReleases;
}

/** Returns whether a run has created this resource, or was about to. */
export function remembers({ manifest, pending }: Remembered, resource: ResourceId): boolean {
  return [manifest, pending].some((record) => record !== undefined && nameOf(resource) in record.resources);
}

/** Returns the records without these resources, which therefore stay on the host. */
export function withoutRecordOf(names: ReadonlySet<string>, remembered: Remembered): Remembered {
  const { manifest, pending } = remembered;
  const narrowed = ({ resources, ...rest }: Manifest): Manifest => ({
    ...rest,
    resources: Object.fromEntries(Object.entries(resources).filter(([name]) => !names.has(name))),
  });
  return { ...remembered, ...(manifest && { manifest: narrowed(manifest) }), ...(pending && { pending: narrowed(pending) }) };
}

/**
 * Returns the domains of the sites that have resources of their own on record. Empty if the configuration had only one site when it was
 * applied.
 */
export function sitesOnRecord({ manifest, pending }: Pick<Remembered, 'manifest' | 'pending'>): ReadonlySet<string> {
  return new Set(Object.values({ ...manifest?.resources, ...pending?.resources }).flatMap(({ site }) => site ?? []));
}

/** Returns the records of what only this site has. */
export function withOnlyRecordOf(domain: string, remembered: Remembered): Remembered {
  const known = { ...remembered.manifest?.resources, ...remembered.pending?.resources };
  const others = Object.entries(known).flatMap(([name, { site }]) => (site === domain ? [] : [name]));
  return withoutRecordOf(new Set(others), remembered);
}

/** Returns the path of a configuration's manifest on the host. */
export function manifestPath(name: string): string {
  return `${stateFolder}/manifests/${name}.json`;
}

export function emptyManifest(name: string, version: string): Manifest {
  return { schema: 1, name, version, resources: {}, handlers: {} };
}

/**
 * Returns the manifest of a host on which all these resources exist. `made` contains those that this program created, with what is
 * remembered about each.
 */
export function manifestOf(
  name: string,
  version: string,
  desired: readonly DesiredResource[],
  made: ReadonlyMap<string, unknown>,
  about?: About,
): Manifest {
  const resources: Record<string, Entry> = {};
  const handlers: Record<string, HandlerRecord> = {};
  for (const { playbook, resource, site } of desired) {
    for (const each of resource.notify) handlers[handlerId(each)] = recordOf(each);
    const remembered = resource.remember ?? made.get(nameOf(resource));
    resources[nameOf(resource)] = {
      playbook,
      ...(site !== undefined && { site }),
      wanted: fingerprint(resource),
      ...(remembered !== undefined && { remembered }),
      notify: resource.notify.map(handlerId),
      made: made.has(nameOf(resource)) && !resource.retained,
    };
  }
  return {
    schema: 1,
    name,
    version,
    ...(about && { about: about as Manifest['about'] }),
    resources,
    handlers,
  };
}

/**
 * Returns the SHA-256 of a resource's desired attributes. A secret counts as `(sensitive)`, so that a changed secret shows only where it is
 * stored.
 */
export function fingerprint(resource: Resource): string {
  return createHash('sha256').update(JSON.stringify(resource.attributes)).digest('hex');
}

/** Parses a manifest. Throws a Problem if it is damaged, because guessing what belongs to this program could remove what does not. */
export function parseManifest(text: string, path: string): Manifest {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, 'it is not JSON', cause);
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw damaged(path, z.prettifyError(parsed.error).replaceAll('\n', ' '), parsed.error);
}

/** Returns the Problem of a manifest that cannot be trusted. */
export function damaged(path: string, why: string, cause: unknown): Problem {
  return new Problem({
    message: `The record of what was provisioned, ${path} on the host, is damaged: ${why}.`,
    hint: 'Restore it from a backup. Or remove it: the next run then no longer knows what earlier runs made, cannot remove it, and asks for `adopt` before it takes over a database.',
    cause,
  });
}
