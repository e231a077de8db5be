import { type Backups, repositoryOf } from '../config/backups.ts';
import type { UserBackups } from './define.ts';

/** Fills in the defaults: every night, kept for a week of days, a month of weeks and half a year of months, and proven once a week. */
export function backupsOf({ to, keep = {}, at = '03:30', drill = 'weekly' }: UserBackups): Backups {
  const repository = repositoryOf(to);
  if (!repository) throw new RangeError('the schema lets no other address through');
  return {
    to: repository,
    keep: { daily: keep.daily ?? 7, weekly: keep.weekly ?? 4, monthly: keep.monthly ?? 6 },
    at,
    drill: drill === false ? 'never' : drill,
  };
}
