/**
 * When a kind's changes are made. Packages are one transaction and come first, then the accounts that own files, the folders, then all files
 * as one set (so that a checker sees the finished whole before anything is live), then what runs and what holds data, and last what is taken away with nothing left that needs it.
 */
export const phases = ['packages', 'accounts', 'directories', 'files', 'state', 'removal'] as const;
export type Phase = (typeof phases)[number];
