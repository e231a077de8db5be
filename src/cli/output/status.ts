import { countText, sizeText } from '../../amount.ts';
import type { BackupRecord } from '../../backups/record.ts';
import type { Amount, HostStatus, SiteStatus } from '../../operations/host-status.ts';
import { printable } from '../../printable.ts';
import { wrap } from './layout.ts';
import { type Mark, mark, paint } from './symbols.ts';
import { whenOf } from './when.ts';

/** One line: its mark, its name, and its text. */
type Row = readonly [mark: Mark | 'none', name: string, text: string];

const nameWidth = 15;

/** Returns the state of a host and its sites as text. `width` is in columns. */
export function statusLines(status: HostStatus, width: number, now = new Date()): readonly string[] {
  return [
    ...status.sites.flatMap((site) => [paint('bold', site.domain), ...siteRows(site, now).flatMap((row) => rowLines(row, width))]),
    paint('bold', 'host'),
    ...hostRows(status, now).flatMap((row) => rowLines(row, width)),
  ];
}

function rowLines([sign, name, text]: Row, width: number): readonly string[] {
  const margin = nameWidth + 4;
  const [first = '', ...more] = wrap(`${' '.repeat(margin)}${printable(text).replaceAll('\n', ' ')}`, width, margin);
  return [`  ${sign === 'none' ? ' ' : mark(sign)} ${name.padEnd(nameWidth)}${first.slice(margin)}`, ...more];
}

function siteRows(site: SiteStatus, now: Date): readonly Row[] {
  const { release, unhealthy, workers, databaseBytes, certificateEnds, failedUnits, backups, inMaintenance } = site;
  return [
    release ? ['ok', 'release', `${release.id}, live for ${ageOf(release.since, now)}`] : ['bad', 'release', 'none is live'],
    ...(inMaintenance ? [['warn', 'maintenance', 'visitors get 503; foobar-provision maintenance off ends it'] satisfies Row] : []),
    unhealthy.length === 0
      ? ['ok', 'health', 'every hop is healthy']
      : ['bad', 'health', `not healthy: ${unhealthy.join(', ')}; see foobar-provision verify`],
    ...(workers
      ? [
          [
            workers.queued > 0 ? 'bad' : workers.saturated > 0 || workers.slowRequests > 0 ? 'warn' : 'ok',
            'PHP workers',
            `${workers.busy} of ${workers.running} busy, ${countText(workers.queued, 'request')} waiting, ${countText(workers.slowRequests, 'slow request')}, all in use ${countText(workers.saturated, 'time')}`,
          ] satisfies Row,
        ]
      : []),
    ...(failedUnits.length > 0 ? [['bad', 'units', `failed: ${failedUnits.join(', ')}`] satisfies Row] : []),
    ...(databaseBytes === undefined ? [] : [['ok', 'database', sizeText(databaseBytes)] satisfies Row]),
    ...(certificateEnds ? [certificateRow(certificateEnds, now)] : []),
    ...backupRows(backups, now),
  ];
}

function certificateRow(ends: Date, now: Date): Row {
  const days = Math.floor((ends.getTime() - now.getTime()) / 86_400_000);
  return [days < 7 ? 'bad' : days < 21 ? 'warn' : 'ok', 'certificate', days < 0 ? 'has expired' : `${countText(days, 'day')} left`];
}

function backupRows(record: BackupRecord | undefined, now: Date): readonly Row[] {
  const { backup, lastMade, drill, lastProven } = record ?? {};
  const made = lastMade ? `${ageOf(lastMade.at, now)} ago, ${sizeText(lastMade.size)}` : 'none';
  const proven = lastProven ? `; last proven ${ageOf(lastProven.at, now)} ago` : lastMade ? '; never proven' : '';
  const failed = [
    ...(backup?.kind === 'failed' ? [`the last one failed: ${backup.error}`] : []),
    ...(drill?.kind === 'failed' ? [`the last drill failed: ${drill.error}`] : []),
  ];
  const sign = failed.length > 0 ? 'bad' : lastMade ? 'ok' : 'warn';
  return [[sign, 'backup', [`${made}${proven}`, ...failed].join('; ')]];
}

function hostRows(status: HostStatus, now: Date): readonly Row[] {
  const { title, disks, memory, load, uptimeSeconds, updates, needsReboot, failedLogins, changes, drift, runs } = status;
  const up = uptimeSeconds === undefined ? '' : `, up for ${durationOf(uptimeSeconds)}`;
  return [
    ['none', 'system', `${title}${up}`],
    changes === 0
      ? ['ok', 'configuration', 'as configured']
      : ['warn', 'configuration', `${countText(changes, 'difference')}, ${drift} of them made on the host; see foobar-provision plan`],
    ...disks.map(({ path, ...amount }): Row => [gradeOf(amount, 0.8, 0.95), 'disk', `${amountText(amount)} used on ${path}`]),
    ...(memory ? [[gradeOf(memory, 0.85, 0.95), 'memory', `${amountText(memory)} used`] satisfies Row] : []),
    ...(load
      ? [
          [
            load.now > 2 * load.processors ? 'warn' : 'ok',
            'load',
            `${load.now} on ${countText(load.processors, 'processor')}`,
          ] satisfies Row,
        ]
      : []),
    ...(updates === undefined
      ? []
      : [
          [
            needsReboot || updates > 0 ? 'warn' : 'ok',
            'updates',
            `${updates === 0 ? 'none' : countText(updates, 'package')} pending${needsReboot ? '; needs a reboot' : ''}`,
          ] satisfies Row,
        ]),
    ...(failedLogins === undefined ? [] : [['none', 'failed logins', `${failedLogins} in 24 hours`] satisfies Row]),
    ...runs.map(
      (run, index): Row => [
        run.end === 'ok' ? 'ok' : run.end === 'in progress' ? 'warn' : 'bad',
        index === 0 ? 'last runs' : '',
        `${whenOf(run.startedAt)} ${run.about?.command ?? 'a run'}: ${run.end}${run.about ? `, ${run.about.by}` : ''} (${ageOf(run.startedAt, now)} ago)`,
      ],
    ),
  ];
}

function gradeOf({ used, total }: Amount, warn: number, bad: number): Mark {
  const part = total === 0 ? 0 : used / total;
  return part >= bad ? 'bad' : part >= warn ? 'warn' : 'ok';
}

function amountText({ used, total }: Amount): string {
  return `${sizeText(used)} of ${sizeText(total)} (${total === 0 ? 0 : Math.round((100 * used) / total)} %)`;
}

function ageOf(since: Date, now: Date): string {
  return durationOf(Math.max(0, (now.getTime() - since.getTime()) / 1000));
}

function durationOf(seconds: number): string {
  if (seconds < 120) return countText(Math.round(seconds), 'second');
  if (seconds < 7200) return countText(Math.round(seconds / 60), 'minute');
  return seconds < 172_800 ? countText(Math.round(seconds / 3600), 'hour') : countText(Math.round(seconds / 86_400), 'day');
}
