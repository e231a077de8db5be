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
   * Resources that this run was to change and did not, since they may close SSH access and nobody proved that they do not; true for those that
   * come by us.
   */
  held: z.optional(z.record(z.string(), z.boolean())),
});

/** What one configuration has put on a host. It is committed by a rename when a run has succeeded. */
export type Manifest = z.infer<typeof schema>;

/** What a host last heard from us, as read from it. */
export interface Remembered {
  /** This configuration's manifest, as last committed. */
  readonly manifest?: Manifest;
  /** The manifest of a run of this configuration that was cut off. */
  readonly pending?: Manifest;
  /** What other configurations have on this host. */
  readonly others: readonly Manifest[];
  /** Handlers that a cut run still owes. */
  readonly pendingHandlers: readonly string[];
  /** The releases that were live, and what each needs. */
  readonly releases?: RecordedReleases;
}

/** Whether a run has put this on the host, or was about to. */
export function remembers({ manifest, pending }: Remembered, resource: ResourceId): boolean {
  return [manifest, pending].some((record) => record !== undefined && nameOf(resource) in record.resources);
}

/** Where the host keeps a configuration's manifest. */
export function manifestPath(name: string): string {
  return `${stateFolder}/manifests/${name}.json`;
}

export function emptyManifest(name: string, version: string): Manifest {
  return { schema: 1, name, version, resources: {}, handlers: {} };
}

/** The manifest of a host on which all of these hold; `made` has those that came by us, with what is remembered of them. */
export function manifestOf(
  name: string,
  version: string,
  desired: readonly DesiredResource[],
  made: ReadonlyMap<string, unknown>,
  about?: About,
): Manifest {
  const resources: Record<string, Entry> = {};
  const handlers: Record<string, HandlerRecord> = {};
  for (const { playbook, resource } of desired) {
    for (const each of resource.notify) handlers[handlerId(each)] = recordOf(each);
    const remembered = resource.remember ?? made.get(nameOf(resource));
    resources[nameOf(resource)] = {
      playbook,
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

/** SHA-256 of what is wanted of a resource. Secrets count as `(sensitive)`; a secret that changes shows where it is kept. */
export function fingerprint(resource: Resource): string {
  return createHash('sha256').update(JSON.stringify(resource.attributes)).digest('hex');
}

/** Understands a manifest's text. A damaged one is a Problem: to guess what was ours would be to remove what is not. */
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

/** The Problem of a manifest that cannot be trusted. */
export function damaged(path: string, why: string, cause: unknown): Problem {
  return new Problem({
    message: `The record of what was provisioned, ${path} on the host, is damaged: ${why}.`,
    hint: 'Restore it from a backup. Or remove it: the next run then no longer knows what earlier runs made, cannot remove it, and asks for `adopt` before it takes over a database.',
    cause,
  });
}
