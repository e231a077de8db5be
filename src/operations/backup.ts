import { runJob } from './backup/job.ts';
import { listBackups } from './backup/list.ts';
import { type RestoreRequest, restoreBackup } from './backup/restore.ts';
import { type ScheduleRequest, scheduleBackups } from './backup/schedule.ts';
import { chosenSite } from './chosen-site.ts';
import type { Result } from './event.ts';
import { onlyHostWith } from './only-host.ts';
import type { Context, Fleet } from './session.ts';
import { doneResult, totalOf } from './summarize.ts';

export type BackupWork =
  | { readonly kind: 'now' | 'list' }
  | { readonly kind: 'drill'; readonly id?: string | undefined }
  | ({ readonly kind: 'restore' } & RestoreRequest)
  | ({ readonly kind: 'schedule' } & ScheduleRequest);

export interface BackupRequest {
  /** The domain of the site to work on. By default, every site; a restore needs one site. */
  readonly site?: string | undefined;
  readonly work: BackupWork;
}

/** Makes, lists, tests, restores or schedules backups of a host's sites. */
export async function backup({ site, work }: BackupRequest, fleet: Fleet, context: Context): Promise<Result> {
  const session = onlyHostWith(fleet, 'web', 'A backup');
  const { config, transport } = session;
  const { host } = transport;
  const domains =
    site === undefined ? config.sites.map(({ domain }) => domain) : [(await chosenSite(config, site, 'A backup', context)).domain];
  const done = (changed: number) => totalOf([doneResult(host, changed, domains.length)]);
  switch (work.kind) {
    case 'now':
      await runJob(session, ['now', 'manual', site ?? ''], 'The backup', context);
      await listBackups(session, domains, context);
      return done(0);
    case 'list':
      await listBackups(session, domains, context);
      return done(0);
    case 'drill':
      await runJob(session, ['drill', site ?? '', work.id ?? ''], 'The drill', context);
      await listBackups(session, domains, context);
      return done(0);
    case 'restore': {
      const { domain } = await chosenSite(config, site, 'A restore', context);
      await restoreBackup(session, domain, work, context);
      return done(work.folder === undefined ? 1 : 0);
    }
    case 'schedule':
      await scheduleBackups(session, work, context);
      return done(0);
  }
}
