import type { Changed } from '../application/file-list.ts';
import type { ExitCode } from '../error.ts';
import type { Hop } from '../health/check.ts';
import type { Release } from '../release/inventory.ts';
import type { Plan } from './plan.ts';
import type { StepSummary } from './steps.ts';

/** What happens, as it happens. The core emits these; a reporter draws them, and decides nothing. */
export type Event =
  | { readonly event: 'stage' /** What is going on, for the status line. */; readonly text: string }
  | { readonly event: 'note'; readonly text: string }
  | { readonly event: 'connected'; readonly host: string; readonly title: string }
  /** The host was read; in so many round trips since authentication, health checks left out. */
  | { readonly event: 'compared'; readonly host: string; readonly checked: number; readonly roundTrips: number }
  | { readonly event: 'plan'; readonly host: string; readonly plan: Plan }
  /** An application is about to be sent: what is another than in the release that it is made from. */
  | ({ readonly event: 'sending'; readonly host: string; readonly id: string; readonly base?: string } & Changed)
  /** The releases of a site, newest first. */
  | { readonly event: 'releases'; readonly host: string; readonly site: string; readonly releases: readonly Release[] }
  | { readonly event: 'progress' /** Between 0 and 1, where it is known. */; readonly part?: number; readonly text: string }
  | { readonly event: 'step'; readonly host: string; readonly step: StepSummary; readonly of: number }
  | { readonly event: 'done'; readonly host: string; readonly step: StepSummary }
  | { readonly event: 'undo'; readonly host: string; readonly step: StepSummary; readonly ok: boolean }
  | { readonly event: 'hop'; readonly host: string; readonly hop: Hop }
  | { readonly event: 'check' /** Left out where it is about this machine. */; readonly host?: string; readonly check: Examined };

/** One thing that `doctor` looked at, on this machine or on a host. */
export interface Examined {
  /** A word or two: `ssh`, `host key`. */
  readonly name: string;
  /** As it should be; worth knowing; in the way of a run. */
  readonly state: 'ok' | 'warning' | 'missing';
  /** One line of evidence. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

export type Emit = (event: Event) => void;

/** How a command ended, for the last line of either reporter. */
export interface Result {
  readonly ok: boolean;
  readonly changed: number;
  readonly checked: number;
  readonly healthy?: boolean;
  readonly exitCode: ExitCode;
}
