import { z } from 'zod/mini';
import { Problem } from '../error.ts';

/** A backup in the repository. */
export interface Snapshot {
  readonly id: string;
  readonly at: Date;
  readonly site: string;
  /** The name of the configuration. */
  readonly name?: string;
  /** Why it was made: `nightly`, `manual`, `before-restore`, `before-deploy`. */
  readonly reason: string;
  /** The release that was live. */
  readonly release: string;
  /** The bytes in the backup, and the bytes that it added. Older versions of restic do not report them. */
  readonly size?: number;
  readonly added?: number;
}

const schema = z.array(
  z.object({
    short_id: z.string(),
    time: z.string(),
    hostname: z.optional(z.string()),
    tags: z.optional(z.array(z.string())),
    summary: z.optional(z.object({ total_bytes_processed: z.number(), data_added: z.number() })),
  }),
);

/** Returns the backups in the output of `restic snapshots --json`, newest first. Ignores snapshots that foobar-provision did not make. */
export function parseSnapshots(text: string): readonly Snapshot[] {
  const { data } = schema.safeParse(jsonOf(text));
  if (!data) throw new Problem({ message: "The repository's list of backups could not be read.", hint: 'Run again with --debug.' });
  return data
    .flatMap(({ short_id: id, time, hostname, tags = [], summary }): readonly Snapshot[] => {
      const release = tags.find((tag) => tag.startsWith('release-'))?.slice('release-'.length);
      const [site, reason] = tags.filter((tag) => !tag.startsWith('release-'));
      if (release === undefined || site === undefined || reason === undefined) return [];
      const sizes = summary && { size: summary.total_bytes_processed, added: summary.data_added };
      return [{ id, at: new Date(time), site, reason, release, ...(hostname !== undefined && { name: hostname }), ...sizes }];
    })
    .toSorted((one, other) => other.at.getTime() - one.at.getTime());
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
