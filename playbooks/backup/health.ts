import { type BackupRecord, backupRecordScript, defineCheck, type Finding, oneLine, parseBackupRecords } from '../../src/index.ts';

/** A check that the site has a recent backup. Its detail also says when a backup last passed a drill. */
export interface BackupCheck {
  readonly site: string;
  /** The time of day at which the nightly backup begins. */
  readonly at: string;
  readonly drills: 'nightly' | 'weekly' | 'never';
}

const hour = 3_600_000;

export const backupCheck = defineCheck<BackupCheck>({
  hop: 'backup',
  place: 'data',
  ask: async ({ site, at, drills }, { transport }) => {
    const { stdout } = await transport.run(backupRecordScript([site]), { timeout: 8 });
    return finding(parseBackupRecords(stdout).get(site) ?? {}, { at, drills }, new Date());
  },
  failure: (_, __, error) => `the records of backups could not be read: ${oneLine(error instanceof Error ? error.message : String(error))}`,
});

/** Returns the result of the check for a site with these records. */
export function finding(
  { backup, lastMade, drill, lastProven }: BackupRecord,
  { at, drills }: Pick<BackupCheck, 'at' | 'drills'>,
  now: Date,
): Finding {
  const ago = (then: Date) => agoText(now.getTime() - then.getTime());
  const last = lastMade ? `the last good one is ${lastMade.id}, ${ago(lastMade.at)} ago` : 'there is none yet';
  if (backup?.kind === 'failed') return { ok: false, detail: oneLine(`the backup ${ago(backup.at)} ago failed, ${last}: ${backup.error}`) };
  if (!lastMade)
    return {
      ok: true,
      detail: 'no backup yet',
      warning: `The first one runs at ${at}. To make one now: foobar-provision backup now`,
      withoutLog: true,
    };
  // The nightly backup did not run. Allow 12 hours beyond a day, for a host that was off.
  if (now.getTime() - lastMade.at.getTime() > 36 * hour)
    return {
      ok: false,
      detail: `no backup for ${ago(lastMade.at)}: ${last}. See on the host: systemctl list-timers 'foobar-provision-backup-*'`,
    };
  const made = `${lastMade.id}, ${ago(lastMade.at)} ago`;
  if (drill?.kind === 'failed') return { ok: false, detail: oneLine(`${made}, but the drill ${ago(drill.at)} ago failed: ${drill.error}`) };
  if (lastProven)
    return { ok: true, detail: `${made}; proven ${ago(lastProven.at)} ago: ${lastProven.rows} rows, ${lastProven.files} files` };
  return {
    ok: true,
    detail: `${made}; not proven yet`,
    ...(drills === 'never' && { warning: 'No drill is scheduled. Prove it: foobar-provision backup drill', withoutLog: true }),
  };
}

function agoText(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
