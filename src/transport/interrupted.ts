import { exitCode, Problem } from '../error.ts';

/** Returns the Problem with which a call rejects when its caller's signal aborts it. */
export function interrupted(host: string): Problem {
  return new Problem({ message: 'Interrupted.', exit: exitCode.interrupted, host });
}
