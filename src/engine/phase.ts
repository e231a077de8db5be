/**
 * The phases of a run, in their order. Packages come first, in one transaction. Accounts that own files follow, then folders, then all
 * files as one set, so that a checker sees the complete result before anything is live. Services and data come next, and removals last,
 * when nothing needs what they remove.
 */
export const phases = ['packages', 'accounts', 'directories', 'files', 'state', 'removal'] as const;
export type Phase = (typeof phases)[number];
