import { type Command, lines } from '../command/command.ts';
import type { ChangeStep } from './change-step.ts';
import { type Effect, effectsOf } from './effect.ts';
import type { Phase } from './phase.ts';

export type Action = 'create' | 'update' | 'remove' | 'run';

/** What a kind says must happen; the engine adds the playbook and the reason. */
export interface Difference {
  readonly action: Action;
  /** One line, in the words of the host: `mode 0600 -> 0644`. */
  readonly summary: string;
  /** When it is made, where that is not when its kind's others are: a folder is removed after what was in it. */
  readonly phase?: Phase;
  readonly step: ChangeStep;
  /** Puts back what was before; tolerates a change that was only half made. Left out where nothing can. */
  readonly undo?: Command;
  /** What else follows from it. */
  readonly effects?: readonly Effect[];
  /**
   * Why it is not simply what the host said. `unread`: the host could not tell (its database server is down), so the change is dropped where the
   * manifest says that this holds. `retried`: it could not be had when it was last tried, and nobody changed the host.
   */
  readonly basis?: 'unread' | 'retried';
}

/** Returns the difference with what it adopts kept before it is made, and no longer kept once it is undone. */
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

/** Returns the phase in which a change of a kind is made. Packages have their own times whatever the kind says. */
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
