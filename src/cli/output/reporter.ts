import type { Problem } from '../../error.ts';
import type { Emit, Result } from '../../operations/event.ts';

/** Draws what happens. There is one for people and one for programs. */
export interface Reporter {
  readonly emit: Emit;
  /** Stops whatever moves on the screen, so that a question can be asked. */
  pause(): void;
  /** The last word, whatever the ending. */
  finish(result: Result, problem?: Problem): void;
}
