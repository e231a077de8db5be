import { exitCode, Problem } from '../error.ts';

/** What a call rejects with when its caller's signal ends it. */
export function interrupted(host: string): Problem {
  return new Problem({ message: 'Interrupted.', exit: exitCode.interrupted, host });
}
