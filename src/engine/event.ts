import type { Plan } from './plan.ts';
import type { StepSummary } from './steps.ts';

/** What happens to one host while it is read, planned and changed. */
export type EngineEvent =
  | { readonly event: 'stage'; readonly host: string /** The current activity, for the status line. */; readonly text: string }
  | { readonly event: 'note'; readonly host: string; readonly text: string }
  | { readonly event: 'connected'; readonly host: string; readonly title: string }
  /** The host was read. `roundTrips` counts those since authentication, without health checks. */
  | { readonly event: 'compared'; readonly host: string; readonly checked: number; readonly roundTrips: number }
  | { readonly event: 'plan'; readonly host: string; readonly plan: Plan }
  | {
      readonly event: 'progress';
      readonly host: string /** The completed part, between 0 and 1, if it is known. */;
      readonly part?: number;
      readonly text: string;
    }
  | { readonly event: 'step'; readonly host: string; readonly step: StepSummary; readonly of: number }
  | { readonly event: 'done'; readonly host: string; readonly step: StepSummary }
  | { readonly event: 'undo'; readonly host: string; readonly step: StepSummary; readonly ok: boolean }
  /** A step of one of several sites failed. The run goes on for the others. */
  | { readonly event: 'site'; readonly host: string; readonly site: string; readonly step: string; readonly state: SiteState };

/** What became of a site of which a step has failed. `stuck`: it could not be rolled back completely. `left out`: nothing of it was changed. */
export type SiteState = 'rolled back' | 'stuck' | 'left out';

export type EngineEmit = (event: EngineEvent) => void;
