import type { Command } from '../command/command.ts';

/** How a change is made. */
export type ChangeStep =
  /** In its turn. */
  | { readonly kind: 'plain'; readonly apply: Command }
  /** `stage` writes beside what is live, and touches nothing that is; `apply` puts it in place when all that is staged was checked. */
  | { readonly kind: 'staged'; readonly stage: Command; readonly apply: Command }
  /** An apt repository: added or taken away before packages are installed from it. */
  | { readonly kind: 'repository'; readonly prepare: Command; readonly verify: Command }
  /** Part of the one transaction that installs packages: `enqueue` names what it is to install. */
  | { readonly kind: 'install'; readonly enqueue: Command; readonly verify: Command }
  /** Part of the one transaction that purges packages, the last of a run: nothing brings them back. */
  | { readonly kind: 'purge'; readonly enqueue: Command; readonly verify: Command };

/** Returns what a step does before its turn comes, which is nothing for a plain one. */
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

/** Returns what a step does in its turn. */
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
