import type { Changed } from '../application/file-list.ts';
import type { Drill } from '../backups/record.ts';
import type { Snapshot } from '../backups/snapshots.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { Problem } from '../error.ts';
import type { Hop } from '../health/check.ts';
import type { LogEntry } from '../logs/entry.ts';
import type { Release } from '../release/inventory.ts';
import type { PastRun } from './about-run.ts';
import type { FailedSite } from './failed-site.ts';
import type { HostStatus } from './host-status.ts';

/** What happens during a command. The core emits these events, and a reporter only displays them. */
export type Event =
  | EngineEvent
  /** About this machine, not about a host. */
  | { readonly event: 'stage' | 'note'; readonly host?: undefined; readonly text: string }
  /** An application is about to be uploaded, with what differs from the release that it is based on. */
  | ({ readonly event: 'sending'; readonly host: string; readonly id: string; readonly base?: string } & Changed)
  /** The releases of a site, newest first. */
  | { readonly event: 'releases'; readonly host: string; readonly site: string; readonly releases: readonly Release[] }
  /** The backups of a site, newest first, and the last one that a drill has proven. */
  | {
      readonly event: 'backups';
      readonly host: string;
      readonly site: string;
      readonly backups: readonly Snapshot[];
      readonly proven?: Extract<Drill, { kind: 'proven' }>;
    }
  /** A run is about to start on the host, so from now on the host may have changed. */
  | { readonly event: 'run'; readonly host: string }
  | { readonly event: 'hop'; readonly host: string; readonly hop: Hop }
  /** The names of a site's variables, and where their values are. */
  | {
      readonly event: 'variables';
      readonly host: string;
      readonly site: string;
      readonly variables: readonly { readonly name: string; readonly from: 'stored on the host' | 'in the configuration' }[];
    }
  /** The state of a host and its sites. */
  | { readonly event: 'status'; readonly host: string; readonly status: HostStatus }
  /** The runs on a host, newest first. */
  | { readonly event: 'history'; readonly host: string; readonly runs: readonly PastRun[] }
  /** An entry of a site's logs, or of the log of a run. */
  | { readonly event: 'log'; readonly host: string; readonly site?: string; readonly entry: LogEntry }
  /** Output of a person's own command, for programs. */
  | { readonly event: 'output'; readonly host?: undefined; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** A port of this machine is now forwarded to the host's database server. */
  | { readonly event: 'tunnel'; readonly host: string; readonly tunnel: Tunnel }
  | { readonly event: 'check' /** Missing if it is about this machine. */; readonly host?: string; readonly check: Examined };

/** How a client on this machine reaches a database. */
export interface Tunnel {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** The command that prints the password. */
  readonly passwordCommand: string;
}

export type Emit = (event: Event) => void;

/** One finding of `doctor`, about this machine or a host. */
export interface Examined {
  /** A word or two: `ssh`, `host key`. */
  readonly name: string;
  /** `ok`: as it should be. `warning`: worth knowing. `missing`: prevents a run. */
  readonly state: 'ok' | 'warning' | 'missing';
  /** One line of evidence. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** How a command ended on one host, or on all of them. */
export interface Outcome {
  readonly ok: boolean;
  readonly changed: number;
  readonly checked: number;
  /** Missing if the hops were not checked. */
  readonly healthy?: boolean;
  /** One of `exitCode`, or that of a person's own command. */
  readonly exitCode: number;
}

export interface HostResult extends Outcome {
  readonly host: string;
  /** How it ended for each of several sites. */
  readonly sites?: readonly SiteResult[];
  /** The sites that were rolled back or left out. */
  readonly failed?: readonly FailedSite[];
}

/** How a command ended for one of several sites. */
export interface SiteResult {
  readonly site: string;
  readonly ok: boolean;
  /** Missing if its hops were not checked. */
  readonly healthy?: boolean;
  /** What failed, if the site was rolled back or left out. */
  readonly error?: string;
}

/** How a command ended in total and on each host, for the last line of a reporter. */
export interface Result extends Outcome {
  readonly hosts: readonly HostResult[];
  /** What failed while the command went on for others. */
  readonly problem?: Problem;
}
