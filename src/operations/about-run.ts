import { hostname, userInfo } from 'node:os';
import { z } from 'zod/mini';
import { siteOf } from '../engine/part.ts';
import type { Plan } from '../engine/plan.ts';
import { nameOf } from '../engine/resource-id.ts';
import type { Login } from '../transport/transport.ts';
import { version } from '../version.ts';

const aboutSchema = z.object({
  command: z.string(),
  version: z.string(),
  /** The person's account and machine: `alex@laptop`. */
  by: z.string(),
  /** The login user on the host. */
  login: z.string(),
  changes: z.array(
    z.object({ resource: z.string(), action: z.string(), reason: z.string(), summary: z.string(), site: z.optional(z.string()) }),
  ),
});

/** What a host has recorded about a run. */
export interface PastRun {
  readonly id: string;
  readonly startedAt: Date;
  readonly seconds: number;
  /** `ok`, `rolled back`, `interrupted`, `in progress`, and other ends. */
  readonly end: string;
  /** The step that failed, or the last one that began. */
  readonly step?: string;
  /** The address of the SSH client. */
  readonly client?: string;
  /** Missing if an older version or an exported script made the run. */
  readonly about?: z.infer<typeof aboutSchema>;
}

/** Returns what a host records about a run, as JSON. It contains no secrets and no contents of files. */
export function aboutRun({ changes }: Plan, login: Login, command = 'apply'): string {
  const text = JSON.stringify({
    command,
    version,
    by: `${accountName()}@${hostname()}`,
    login: login.user,
    changes: changes.map(({ resource, action, reason, summary, part }) => ({
      resource: nameOf(resource),
      action,
      reason,
      summary,
      site: siteOf(part),
    })),
  });
  return `${text}\n`;
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without an account.
    return String(process.getuid?.() ?? '');
  }
}

/** Parses the output of `list_runs`, newest first. Entries of runs that contain nothing yet are left out. */
export function parseRuns(output: string): readonly PastRun[] {
  return output
    .split(/^#run\t/m)
    .slice(1)
    .flatMap((text) => {
      const [head = '', about = ''] = text.split('\n');
      const [id = '', modified = '', client = '', active = '', how = '', step = ''] = head.split('\t');
      const [, year, month, day, hour, minute, second] = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})-/.exec(id) ?? [];
      if (year === undefined) return [];
      const startedAt = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
      const end = how === '' ? (active === 'active' ? 'in progress' : 'interrupted') : (ends[how] ?? how);
      const known = parsedAbout(about);
      const seconds = Math.max(0, Math.round(Number(modified) - startedAt.getTime() / 1000));
      return {
        id,
        startedAt,
        seconds,
        end,
        ...(end !== 'ok' && step && { step }),
        ...(client && { client }),
        ...(known && { about: known }),
      };
    })
    .toSorted((one, other) => other.startedAt.getTime() - one.startedAt.getTime());
}

/** Maps the words that a journal uses for the end of a run to the words that are shown. */
const ends: Readonly<Record<string, string>> = {
  partial: 'some sites failed',
  'rolled-back': 'rolled back',
  stale: 'not begun: another run came first',
  busy: 'not begun: another run was active',
};

function parsedAbout(text: string): PastRun['about'] {
  try {
    return aboutSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
