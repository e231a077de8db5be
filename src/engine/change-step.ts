import type { Command } from '../command/command.ts';

/** How a change is made. */
export type ChangeStep =
  /** A command that runs when the step's turn comes. */
  | { readonly kind: 'plain'; readonly apply: Command }
  /**
   * `stage` writes next to what is live and does not touch it. `apply` puts it in place once everything that is staged has been checked.
   */
  | { readonly kind: 'staged'; readonly stage: Command; readonly apply: Command }
  /** An apt repository, which is added or removed before packages are installed from it. */
  | { readonly kind: 'repository'; readonly prepare: Command; readonly verify: Command }
  /** A part of the single transaction that installs packages. `enqueue` names the package to install. */
  | { readonly kind: 'install'; readonly enqueue: Command; readonly verify: Command }
  /** A part of the single transaction that purges packages. It is the last of a run, because it cannot be rolled back. */
  | { readonly kind: 'purge'; readonly enqueue: Command; readonly verify: Command };

/** Returns the command that prepares a step; a plain step has none. */
export function preparationOf(step: ChangeStep): Command | undefined {
  switch (step.kind) {
    case 'plain':
      return undefined;
    case 'staged':
      return step.stage;
    case 'repository':
      return step.prepare;
    case 'install':
    case 'purge':
      return step.enqueue;
  }
}

/** Returns the command that carries out a step. */
export function turnOf(step: ChangeStep): Command {
  switch (step.kind) {
    case 'plain':
    case 'staged':
      return step.apply;
    case 'repository':
    case 'install':
    case 'purge':
      return step.verify;
  }
}
