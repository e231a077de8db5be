import type { Command } from '../command/command.ts';
import type { Secret } from '../command/secret.ts';
import type { ResourceId } from './resource-id.ts';

/** An effect of a change besides its step, on which other parts of the program act. */
export type Effect =
  /** Makes, changes or removes what is at this path. */
  | { readonly kind: 'touches'; readonly path: string }
  /** It writes a file. The text before and after has placeholders instead of secrets. */
  | { readonly kind: 'writes'; readonly path: string; readonly content: Content }
  /** It starts the unit, so that no handler of the unit has to run. */
  | { readonly kind: 'starts'; readonly unit: string }
  /** It stops the unit for good, so that the unit is neither reloaded nor its configuration checked. */
  | { readonly kind: 'stops'; readonly unit: string }
  /** It needs an application's files on the host before the run. */
  | { readonly kind: 'sends'; readonly digest: string; readonly base?: Base }
  /** The number of packages and bytes that the whole package transaction downloads. */
  | ({ readonly kind: 'fetches' } & Fetch)
  /** It stores a secret that the user supplied. The secret is sent beside the script, never in it. */
  | { readonly kind: 'supplies'; readonly name: string; readonly value: Secret }
  /** It stores a secret that another host generates in the same run. It becomes `supplies` before the run of this host begins. */
  | { readonly kind: 'carries'; readonly name: string; readonly from: string }
  /**
   * It removes data, which the user must allow. Logs may also be removed without that when everything is removed. The owners of the data
   * stay as long as the data does.
   */
  | { readonly kind: 'destroys'; readonly what: 'data' | 'logs'; readonly owners: readonly ResourceId[] }
  /** It updates something that may have existed before. The original is then backed up, and restored when the resource is removed. */
  | ({ readonly kind: 'adopts' } & Adoption)
  /** It may close SSH access, although neither its path nor its handlers show that (see `touchesAccess`). */
  | { readonly kind: 'may-lock-out' };

/** The text of a file. `before` is missing if the host was not asked for it. */
export interface Content {
  readonly before?: string;
  readonly after: string;
}

/** A release on the host from which unchanged files are copied instead of being sent. */
export interface Base {
  readonly release: string;
  /** The folder of its records. */
  readonly record: string;
  readonly digest: string;
  /** Its paths that have changed since they were sent. */
  readonly missing: readonly string[];
}

export interface Fetch {
  readonly packages: number;
  readonly bytes: number;
}

/** How a pre-existing item is backed up. */
export interface Adoption {
  /** Runs before `apply`. It does not overwrite the backup of an earlier, interrupted run. */
  readonly keep: Command;
  /** Runs after `undo`. */
  readonly forget: Command;
  /** What `absent` needs in order to restore it. */
  readonly remember: unknown;
}

/** Returns the effects of one kind. */
export function effectsOf<K extends Effect['kind']>(
  { effects = [] }: { readonly effects?: readonly Effect[] },
  kind: K,
): readonly Extract<Effect, { readonly kind: K }>[] {
  return effects.filter((effect): effect is Extract<Effect, { readonly kind: K }> => effect.kind === kind);
}

/** Returns the path that a change makes, changes or removes. */
export function pathOf({ effects = [] }: { readonly effects?: readonly Effect[] }): string | undefined {
  for (const effect of effects) if (effect.kind === 'touches' || effect.kind === 'writes') return effect.path;
  return undefined;
}
