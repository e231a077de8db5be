import type { Command } from '../command/command.ts';
import type { Secret } from '../command/secret.ts';
import type { ResourceId } from './resource-id.ts';

/** What a change does besides its step, which other parts of the program act on. */
export type Effect =
  /** Makes, changes or removes what is at this path. */
  | { readonly kind: 'touches'; readonly path: string }
  /** The same, with the text before and after; secrets are placeholders. */
  | { readonly kind: 'writes'; readonly path: string; readonly content: Content }
  /** The unit starts, so that no handler of it is owed. */
  | { readonly kind: 'starts'; readonly unit: string }
  /** The unit stops for good: nothing is reloaded in it any more, and nobody checks its configuration. */
  | { readonly kind: 'stops'; readonly unit: string }
  /** An application's files have to be on the host before the run. */
  | { readonly kind: 'sends'; readonly digest: string; readonly base?: Base }
  /** What the package transaction that this change is part of downloads in all. */
  | ({ readonly kind: 'fetches' } & Fetch)
  /** A secret that the user supplied; it travels beside the script, never in it. */
  | { readonly kind: 'supplies'; readonly name: string; readonly value: Secret }
  /** Takes away data, which is done only where the user allowed it; logs go without that where everything goes. Its owners stay as long as it does. */
  | { readonly kind: 'destroys'; readonly what: 'data' | 'logs'; readonly owners: readonly ResourceId[] }
  /** The update is of what may not be ours: where it is not, the pre-existing one is kept first, and comes back when ours goes. */
  | ({ readonly kind: 'adopts' } & Adoption)
  /** It may cut off SSH access, which neither its path nor its handlers tell (see `touchesAccess`). */
  | { readonly kind: 'may-lock-out' };

/** The text of a file; `before` where the host was asked for it. */
export interface Content {
  readonly before?: string;
  readonly after: string;
}

/** A release that is on the host, of whose files those that are the same need not travel. */
export interface Base {
  readonly release: string;
  /** The folder of what is known of it. */
  readonly record: string;
  readonly digest: string;
  /** Its paths that are not as they were sent. */
  readonly missing: readonly string[];
}

export interface Fetch {
  readonly packages: number;
  readonly bytes: number;
}

/** How something that was there before us is kept. */
export interface Adoption {
  /** Before `apply`; keeps what an earlier interrupted run has kept. */
  readonly keep: Command;
  /** After `undo`. */
  readonly forget: Command;
  /** What `absent` needs to give it back. */
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
