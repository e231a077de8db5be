import { exitCode, Problem } from '../error.ts';
import { stateFolder } from './manifest.ts';

/** How a run ended, as its journal tells. */
export type Ending =
  | { readonly kind: 'ok' }
  | { readonly kind: 'stopped' | 'stale' }
  | { readonly kind: 'busy'; readonly holder: string }
  /** The run died before the way in was proven, and the host has put back by itself what may have cut it off. */
  | { readonly kind: 'reverted' }
  | {
      readonly kind: 'rolled-back' | 'failed';
      readonly step: string;
      readonly code: number;
      readonly stderr: string;
      readonly stuck: readonly string[];
      readonly lasting: readonly string[];
    }
  /** The journal stops without an end: the script was killed, or the host went down. */
  | { readonly kind: 'cut' };

export type Unsuccessful = Exclude<Ending, { readonly kind: 'ok' }>;

/** The Problem that an ending other than `ok` is, with what to do now. */
export function problemOf(ending: Unsuccessful, host: string, id: string): Problem {
  const log = `The whole log is ${stateFolder}/runs/${id}/log on the host.`;
  switch (ending.kind) {
    case 'busy':
      return new Problem({
        message: `Another run (${ending.holder || 'just starting'}) holds the lock of ${host}.`,
        host,
        hint: 'Wait until it has ended, then run again. Nothing was changed.',
        exit: exitCode.locked,
      });
    case 'stale':
      return new Problem({
        message: `Another run has changed ${host} since the plan was made.`,
        host,
        hint: 'Run again: the plan is then made anew. Nothing was changed.',
      });
    case 'stopped':
      return new Problem({
        message: 'The run was stopped after the step that was under way.',
        host,
        hint: 'Running again is safe, and finishes what is left.',
        exit: exitCode.interrupted,
      });
    case 'cut':
      return new Problem({
        message: `The run on ${host} was cut off before its end.`,
        host,
        hint: `Run again: it goes on from where the host is now. ${log}`,
      });
    case 'reverted':
      return new Problem({
        message: 'The run was cut off before a new connection had proven the way in, and what may have closed it was put back.',
        host,
        hint: `Run again: it goes on from where the host is now. ${log}`,
        exit: exitCode.rolledBack,
      });
    case 'rolled-back': {
      const lasting = ending.lasting.length > 0 ? ` What stays, since nothing takes it back: ${ending.lasting.join(', ')}.` : '';
      return new Problem({
        message:
          ending.step === 'access'
            ? 'After the change a new connection did not get in, and what the run had changed was put back.'
            : `${ending.step} failed, and what the run had changed was put back.`,
        host,
        step: ending.step,
        commandExit: ending.code,
        stderr: ending.stderr,
        hint: `The host serves as before.${lasting} ${log}`,
        exit: exitCode.rolledBack,
      });
    }
    case 'failed':
      return new Problem({
        message: `${ending.step} failed, and ${ending.stuck.join(', ')} could not be put back.`,
        host,
        step: ending.step,
        commandExit: ending.code,
        stderr: ending.stderr,
        hint: `Look at the host, then run again. ${log}`,
      });
  }
}
