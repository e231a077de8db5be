import { expect, test } from 'vitest';
import { statusLines } from '../../../src/cli/output/status.ts';
import { type HostStatus, parseHostStatus, parseSiteStatus } from '../../../src/operations/host-status.ts';

const now = new Date('2026-12-01T12:00:00Z');
const seconds = (text: string) => String(Date.parse(text) / 1000);
const fpm = JSON.stringify({
  'active processes': 4,
  'total processes': 5,
  'listen queue': 2,
  'max children reached': 1,
  'slow requests': 0,
});
const site = [
  `release 51c26f77de82 ${seconds('2026-11-30T12:00:00Z')}`,
  `workers ${fpm}`,
  'database 304000',
  `certificate ${seconds('2026-12-05T13:00:00Z')}`,
  'failed foobar.com-queue@1.service ',
].join('\n');
const host = [
  'disk / 96000000000 100000000000',
  'memory 1000000000 4000000000',
  'load 5.5 1 1 2',
  'uptime 180000.5',
  'updates 3',
  'reboot yes',
  'logins 17',
];

const status: HostStatus = {
  title: 'Debian GNU/Linux 13 (trixie)',
  changes: 2,
  drift: 1,
  ...parseHostStatus(host.join('\n')),
  runs: [{ id: 'x', startedAt: new Date('2026-12-01T11:59:00Z'), seconds: 3, end: 'rolled back' }],
  sites: [{ domain: 'foobar.com', inMaintenance: true, unhealthy: ['php-fpm'], ...parseSiteStatus(site) }],
};

test('what a host says is shown on a terminal of 80 columns, with what needs attention', () => {
  const lines = statusLines(status, 80, now);
  expect(lines.every((line) => line.length <= 80)).toBe(true);
  expect(lines.join('\n').replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'WHEN')).toBe(`foobar.com
  ✔ release        51c26f77de82, live for 24 hours
  ! maintenance    visitors get 503; foobar-provision maintenance off ends it
  ✖ health         not healthy: php-fpm; see foobar-provision verify
  ✖ PHP workers    3 of 5 busy, 2 requests waiting, 0 slow requests, all in use
                   1 time
  ✖ units          failed: foobar.com-queue@1.service
  ✔ database       304 kB
  ✖ certificate    4 days left
  ! backup         none
host
    system         Debian GNU/Linux 13 (trixie), up for 2 days
  ! configuration  2 differences, 1 of them made on the host; see
                   foobar-provision plan
  ✖ disk           96.0 GB of 100.0 GB (96 %) used on /
  ✔ memory         1.0 GB of 4.0 GB (25 %) used
  ! load           5.5 on 2 processors
  ! updates        3 packages pending; needs a reboot
    failed logins  17 in 24 hours
  ✖ last runs      WHEN a run: rolled back (60 seconds ago)`);
});

test('what a host does not say is left out, and a damaged answer counts as none', () => {
  expect(parseHostStatus('')).toEqual({ disks: [], needsReboot: false });
  expect(parseSiteStatus('workers not JSON\nworkers')).toEqual({ failedUnits: [] });
  expect(parseSiteStatus('')).toEqual({ failedUnits: [] });
});

test('backups show when the last one was made and proven, and what failed since', () => {
  const at = new Date('2026-12-01T03:00:00Z');
  const made = { kind: 'made', at, id: 'a', seconds: 3, size: 2_000_000, added: 5, unread: 0 } as const;
  const rowOf = (backups: NonNullable<HostStatus['sites'][number]['backups']>) =>
    statusLines(
      { ...status, sites: [{ domain: 'foobar.com', inMaintenance: false, unhealthy: [], failedUnits: [], backups }] },
      200,
      now,
    ).find((line) => line.includes('backup'));
  expect(rowOf({ backup: made, lastMade: made })).toBe('  ✔ backup         9 hours ago, 2.0 MB; never proven');
  expect(rowOf({ backup: { kind: 'failed', at, error: 'no space left' }, lastMade: made })).toBe(
    '  ✖ backup         9 hours ago, 2.0 MB; never proven; the last one failed: no space left',
  );
});
