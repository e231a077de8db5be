import { sizeText } from '../amount.ts';
import type { Emit } from './event.ts';

/** The milliseconds between two events of a copy. */
const progressMs = 250;

/** Returns a function that reports the progress of a copy at most every `progressMs`. `what` names the activity: `copying the database`. */
export function copyProgress(emit: Emit, host: string, what: string): (done: number, total?: number) => void {
  let next = 0;
  return (done, total = 0) => {
    if (performance.now() < next) return;
    next = performance.now() + progressMs;
    emit({ event: 'progress', host, text: `${what}: ${sizeText(done)}`, ...(total > 0 && { part: Math.min(1, done / total) }) });
  };
}
