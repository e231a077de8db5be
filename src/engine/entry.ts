import { z } from 'zod/mini';

/** What the host remembers of one resource. */
export interface Entry {
  readonly playbook: string;
  /** SHA-256 of the attributes as they were wanted. */
  readonly wanted: string;
  /** What the kind needs to take it away again. */
  readonly remembered?: unknown;
  readonly notify: readonly string[];
  /** Whether it came by us; what was there before is never removed. */
  readonly made: boolean;
}

export const entry: z.ZodMiniType<Entry> = z.object({
  playbook: z.string(),
  wanted: z.string(),
  remembered: z.optional(z.unknown()),
  notify: z.array(z.string()),
  made: z.boolean(),
});
