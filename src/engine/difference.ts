import { type Command, lines } from '../command/command.ts';
import type { ChangeStep } from './change-step.ts';
import { type Effect, effectsOf } from './effect.ts';
import type { Phase } from './phase.ts';

export type Action = 'create' | 'update' | 'remove' | 'run';

/** A change that a kind asks for. The engine adds the playbook and the reason. */
export interface Difference {
  readonly action: Action;
  /** One line for people: `mode 0600 -> 0644`. */
  readonly summary: string;
  /** The phase, if it differs from the kind's: a folder is removed after what was in it. */
  readonly phase?: Phase;
  readonly step: ChangeStep;
  /** Reverts the change, even if only half of it was made. Missing if the change cannot be reverted. */
  readonly undo?: Command;
  /** What it does besides its step. */
  readonly effects?: readonly Effect[];
  /**
   * Why the difference does not follow from the host's answer alone. `unread`: the host could not answer, for example because its database
   * server is down, so the change is dropped if the manifest already records it. `retried`: the last attempt failed, and nobody has changed
   * the host since. `renewed`: it is a secret with a new value, or contains one, so perhaps nobody has changed the host.
   */
  readonly basis?: 'unread' | 'retried' | 'renewed';
}

/** Returns the difference with commands that back up what it adopts, and that delete the backup when it is undone. */
export function adopting(difference: Difference): Difference {
  const { step, undo } = difference;
  const [adoption] = effectsOf(difference, 'adopts');
  if (!adoption || !(step.kind === 'plain' || step.kind === 'staged')) return difference;
  return {
    ...difference,
    step: { ...step, apply: lines(adoption.keep, step.apply) },
    ...(undo && { undo: lines(undo, adoption.forget) }),
  };
}

/** Returns the phase in which a change of a kind is made. Packages have phases of their own. */
export function phaseOf({ step, phase }: Difference, usual: Phase): Phase {
  switch (step.kind) {
    case 'repository':
    case 'install':
      return 'packages';
    case 'purge':
      return 'removal';
    case 'plain':
    case 'staged':
      return phase ?? usual;
  }
}
