import type { Problem } from '../../error.ts';
import type { Emit, Result } from '../../operations/event.ts';

/** Displays events. There is one reporter for people and one for programs. */
export interface Reporter {
  readonly emit: Emit;
  /** Stops redrawing, so that a question can be asked. */
  pause(): void;
  /** Prints the last line, whatever the outcome. */
  finish(result: Result, problem?: Problem): void;
}
