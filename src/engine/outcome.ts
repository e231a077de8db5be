import { exitCode, Problem } from '../error.ts';
import { stateFolder } from '../host-paths.ts';

export const withheldReasons = ['refused', 'unproven', 'failed', 'unguarded', 'export'] as const;

/** Why a run that changed everything else did not apply settings that may close SSH access. */
export interface WithheldAccess {
  readonly kind: (typeof withheldReasons)[number];
  /** The reason in a sentence; for `failed`, the name of the step. */
  readonly text: string;
  /** The failed step's last lines. */
  readonly stderr?: string;
}

/** What failed, and what the rollback left. */
export interface Failure {
  readonly step: string;
  readonly code: number;
  readonly stderr: string;
  /** What could not be rolled back. */
  readonly stuck: readonly string[];
  /** What stays because it cannot be rolled back. */
  readonly lasting: readonly string[];
}

/** A site that was rolled back while the run went on for the others. */
export interface FailedSite extends Failure {
  readonly site: string;
}

/** The outcome of a run according to its journal. */
export type RunOutcome =
  | { readonly kind: 'ok'; readonly withheld?: WithheldAccess; readonly failed?: readonly FailedSite[] }
  /** `unguarded`: the access settings of an earlier run could not be reverted, so the run did not start. */
  | { readonly kind: 'stopped' | 'stale' | 'unguarded' }
  | { readonly kind: 'busy'; readonly holder: string }
  /** The run died before a new login proved its access settings, so the host has reverted them. */
  | { readonly kind: 'reverted' }
  | ({ readonly kind: 'rolled-back' | 'failed' } & Failure)
  /** The journal has no end, because the script was killed or the host went down. */
  | { readonly kind: 'interrupted' };

export type Unsuccessful = Exclude<RunOutcome, { readonly kind: 'ok' }>;

/** Returns the Problem of an outcome other than `ok`, with what to do now. */
export function problemOf(outcome: Unsuccessful, host: string, id: string): Problem {
  const log = `The whole log is ${stateFolder}/runs/${id}/log on the host.`;
  switch (outcome.kind) {
    case 'busy':
      return new Problem({
        message: `Another run (${outcome.holder || 'just starting'}) holds the lock of ${host}.`,
        host,
        hint: 'Wait until it has ended, then run again. Nothing was changed.',
        exit: exitCode.locked,
      });
    case 'stale':
      return new Problem({
        message: `Another run has changed ${host} since the plan was made.`,
        host,
        hint: 'Run again to make a new plan. Nothing was changed.',
      });
    case 'unguarded':
      return new Problem({
        message: `${host} could not revert the SSH and firewall settings of an interrupted run.`,
        host,
        hint: `The log next to ${stateFolder}/runs/*/armed on the host says why. Fix the cause. Or fix these settings yourself, and remove that file. Then run again. Nothing was changed.`,
      });
    case 'stopped':
      return new Problem({
        message: 'The run was stopped after its current step.',
        host,
        hint: 'Running again is safe, and finishes what is left.',
        exit: exitCode.interrupted,
      });
    case 'interrupted':
      return new Problem({
        message: `The run on ${host} was interrupted before its end.`,
        host,
        hint: `Run again: it continues from the host's current state. ${log}`,
      });
    case 'reverted':
      return new Problem({
        message: 'The run was interrupted before a new login had proven its SSH and firewall settings, so these were reverted.',
        host,
        hint: `Run again: it continues from the host's current state. ${log}`,
        exit: exitCode.rolledBack,
      });
    case 'rolled-back': {
      const lasting = lastingText(outcome.lasting);
      return new Problem({
        message: `${outcome.step} failed, so the run was rolled back.`,
        host,
        step: outcome.step,
        commandExit: outcome.code,
        stderr: outcome.stderr,
        hint: `The host serves as before.${lasting} ${log}`,
        exit: exitCode.rolledBack,
      });
    }
    case 'failed':
      return new Problem({
        message: `${outcome.step} failed, and ${outcome.stuck.join(', ')} could not be rolled back.`,
        host,
        step: outcome.step,
        commandExit: outcome.code,
        stderr: outcome.stderr,
        hint: `Look at the host, then run again. ${log}`,
      });
  }
}

function lastingText(lasting: readonly string[]): string {
  return lasting.length > 0 ? ` These changes stay, because they cannot be rolled back: ${lasting.join(', ')}.` : '';
}

/** Returns the Problem of one site of several that a run has left out. */
export function siteProblem({ site, step, code, stderr, stuck, lasting }: FailedSite, host: string, id: string): Problem {
  const common = { host, site, step, commandExit: code, stderr };
  const log = `The whole log is ${stateFolder}/runs/${id}/log on the host.`;
  if (stuck.length > 0)
    return new Problem({
      ...common,
      message: `${step} failed, and ${stuck.join(', ')} of ${site} could not be rolled back.`,
      hint: `Look at ${site}, then run again. ${log}`,
    });
  return new Problem({
    ...common,
    message: `${step} failed, so ${site} was rolled back.`,
    hint: `${site} serves as before.${lastingText(lasting)} ${log}`,
    exit: exitCode.rolledBack,
  });
}

/** Returns the Problem of a run that applied everything except the settings that may close SSH access, with their names. */
export function withheldProblem({ kind, text, stderr }: WithheldAccess, names: readonly string[], host: string, id: string): Problem {
  const why = {
    refused: 'A new SSH login failed with the new SSH and firewall settings, so these settings were reverted.',
    unproven: 'No new SSH login proved the new SSH and firewall settings in time, so these settings were reverted.',
    failed: `${text} failed, so the new SSH and firewall settings were reverted.`,
    unguarded: 'The host could not be told to revert SSH and firewall settings by itself, so the new ones were not applied.',
    export: 'The new SSH and firewall settings were not applied.',
  }[kind];
  const cure = {
    failed: 'Fix the error that it reports',
    unguarded: 'systemd-run on the host must be able to start a timer (systemctl status), and the disk must be writable',
    refused: 'Correct what prevents a new login',
    unproven: 'Correct what prevents a new login',
    export: 'Correct what prevents a new login',
  }[kind];
  return new Problem({
    message: `${why} Everything else is live.`,
    host,
    stderr: stderr ?? text,
    hint: `These settings are pending, and the next run applies them: ${names.join(', ')}. ${cure}; then run again. The whole log is ${stateFolder}/runs/${id}/log on the host.`,
  });
}
