import { z } from 'zod/mini';
import type { BackupRecord } from '../backups/record.ts';
import type { PastRun } from './about-run.ts';

export interface Amount {
  readonly used: number;
  readonly total: number;
}

/** The state of a host and of its sites at one moment. Sizes are in bytes. */
export interface HostStatus {
  readonly title: string;
  readonly disks: readonly (Amount & { readonly path: string })[];
  readonly memory?: Amount;
  readonly load?: { readonly now: number; readonly processors: number };
  readonly uptimeSeconds?: number;
  /** The number of packages with updates. */
  readonly updates?: number;
  readonly needsReboot: boolean;
  /** The number of SSH logins that failed in the last 24 hours. */
  readonly failedLogins?: number;
  /** The number of differences from the configuration. */
  readonly changes: number;
  /** How many of the differences somebody made on the host. */
  readonly drift: number;
  readonly sites: readonly SiteStatus[];
  readonly runs: readonly PastRun[];
}

export interface SiteStatus {
  readonly domain: string;
  /** The live release, and when it went live. */
  readonly release?: { readonly id: string; readonly since: Date };
  readonly inMaintenance: boolean;
  /** The hops that are not healthy. */
  readonly unhealthy: readonly string[];
  readonly workers?: Workers;
  readonly databaseBytes?: number;
  readonly certificateEnds?: Date;
  readonly failedUnits: readonly string[];
  readonly backups?: BackupRecord;
}

/** The state of PHP's workers. `saturated` and `slowRequests` count from the start of the release's PHP. */
export interface Workers {
  readonly busy: number;
  readonly running: number;
  /** Requests that wait for a worker. */
  readonly queued: number;
  /** How many times the limit of workers was reached. */
  readonly saturated: number;
  readonly slowRequests: number;
}

/** The lines that `read_host_status` or `read_site_status` prints, each split into its name and its words. */
export type StatusLines = readonly (readonly [name: string, ...words: string[]])[];

export function linesIn(text: string): StatusLines {
  return text.split('\n').flatMap((line): StatusLines => {
    const [name, ...words] = line.split(' ');
    return name ? [[name, ...words]] : [];
  });
}

/** Parses what a host says about itself. */
export function parseHostStatus(text: string): Omit<HostStatus, 'title' | 'changes' | 'drift' | 'sites' | 'runs'> {
  const lines = linesIn(text);
  const numbers = (name: string) =>
    lines
      .find(([each]) => each === name)
      ?.slice(1)
      .map(Number);
  const [used, total] = numbers('memory') ?? [];
  const [now, , , processors] = numbers('load') ?? [];
  const [uptimeSeconds] = numbers('uptime') ?? [];
  const [updates] = numbers('updates') ?? [];
  const [failedLogins] = numbers('logins') ?? [];
  return {
    disks: lines.flatMap(([name, path = '', each, all]) => (name === 'disk' ? [{ path, used: Number(each), total: Number(all) }] : [])),
    ...(used !== undefined && total !== undefined && { memory: { used, total } }),
    ...(now !== undefined && processors !== undefined && { load: { now, processors } }),
    ...(uptimeSeconds !== undefined && { uptimeSeconds }),
    ...(updates !== undefined && { updates }),
    needsReboot: lines.some(([name]) => name === 'reboot'),
    ...(failedLogins !== undefined && { failedLogins }),
  };
}

const workersSchema = z.object({
  'active processes': z.number(),
  'total processes': z.number(),
  'listen queue': z.number(),
  'max children reached': z.number(),
  'slow requests': z.number(),
});

/** Parses what a host says about a site. */
export function parseSiteStatus(
  text: string,
): Pick<SiteStatus, 'release' | 'workers' | 'databaseBytes' | 'certificateEnds' | 'failedUnits'> {
  const lines = linesIn(text);
  const wordsOf = (name: string) => lines.find(([each]) => each === name)?.slice(1);
  const [id, since] = wordsOf('release') ?? [];
  const [bytes] = wordsOf('database') ?? [];
  const [ends] = wordsOf('certificate') ?? [];
  const workers = workersIn(wordsOf('workers')?.join(' ') ?? '');
  return {
    ...(id !== undefined && since !== undefined && { release: { id, since: new Date(Number(since) * 1000) } }),
    ...(workers && { workers }),
    ...(bytes && { databaseBytes: Number(bytes) }),
    ...(ends && { certificateEnds: new Date(Number(ends) * 1000) }),
    failedUnits: (wordsOf('failed') ?? []).filter(Boolean),
  };
}

function workersIn(text: string): Workers | undefined {
  try {
    const fpm = workersSchema.safeParse(JSON.parse(text)).data;
    if (!fpm) return undefined;
    return {
      // The worker that answers the status request is busy itself, so it is not counted.
      busy: Math.max(0, fpm['active processes'] - 1),
      running: fpm['total processes'],
      queued: fpm['listen queue'],
      saturated: fpm['max children reached'],
      slowRequests: fpm['slow requests'],
    };
  } catch {
    return undefined;
  }
}
