import { z } from 'zod/mini';

/** What a host's manifest records about one resource. Hosts have these keys on record, so they keep their names. */
export interface Entry {
  readonly playbook: string;
  /** The domain of its site, if only one of several sites has it. */
  readonly site?: string | undefined;
  /** The fingerprint of the desired attributes. */
  readonly wanted: string;
  /** What the kind needs in order to remove it. */
  readonly remembered?: unknown;
  readonly notify: readonly string[];
  /** True if a run created it. What existed before is never removed. */
  readonly made: boolean;
}

export const entry: z.ZodMiniType<Entry> = z.object({
  playbook: z.string(),
  site: z.optional(z.string()),
  wanted: z.string(),
  remembered: z.optional(z.unknown()),
  notify: z.array(z.string()),
  made: z.boolean(),
});
