import { z } from 'zod/mini';

/** What the host remembers of one resource. */
export const entry = z.object({
  playbook: z.string(),
  /** SHA-256 of the attributes as they were wanted. */
  wanted: z.string(),
  /** What the kind needs to take it away again. */
  remembered: z.optional(z.unknown()),
  notify: z.array(z.string()),
  /** Whether it came by us; what was there before is never removed. */
  made: z.boolean(),
});

export type Entry = z.infer<typeof entry>;
