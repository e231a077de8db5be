import { describe, expect, test } from 'vitest';
import backups from '../../playbooks/backup/backups.ts';
import { finding } from '../../playbooks/backup/health.ts';
import type { BackupRecord } from '../../src/backups/record.ts';
import { repositoryOf } from '../../src/config/backups.ts';
import { config } from './configs.ts';
import { trixie } from './hosts.ts';
import { contentOf, list } from './list.ts';

const path = { kind: 'path', path: '/mnt/backups' } as const;
const backedUp = {
  ...config({ more: { workers: { mails: { command: 'php mails.php', count: 2 } } } }),
  backups: { to: path, keep: { daily: 7, weekly: 4, monthly: 6 }, at: '03:30', drill: 'weekly' },
} as const;

describe('backups', () => {
  test('are a program, its settings and a timer', () => {
    expect(list(backups, backedUp, trixie)).toEqual([
      'package:restic',
      'directory:/usr/local/lib/foobar-provision 0755',
      'file:/usr/local/lib/foobar-provision/backup 0755',
      'file:/usr/local/lib/foobar-provision/drill-unit 0755',
      'directory:/etc/foobar-provision/backups 0700',
      'directory:/etc/foobar-provision/backups/foobar.com 0700',
      'file:/etc/foobar-provision/backups/foobar.com/settings 0600',
      'file:/etc/foobar-provision/backups/foobar.com/configuration.json 0600',
      'file:/etc/foobar-provision/backups/foobar.com/foobar.com.site 0600',
      'file:/etc/systemd/system/foobar-provision-backup-foobar.com@.service 0644 => reload:systemd',
      'file:/etc/systemd/system/foobar-provision-backup-foobar.com-resume.service 0644 => reload:systemd',
      'file:/etc/systemd/system/foobar-provision-backup-foobar.com.timer 0644 => reload:systemd',
      'service:foobar-provision-backup-foobar.com-resume.service enabled',
      'service:foobar-provision-backup-foobar.com.timer running enabled',
    ]);
    expect(list(backups, config(), trixie)).toEqual([]);
  });

  test('name the units that do not run while the site is switched to restored data', () => {
    const file = '/etc/foobar-provision/backups/foobar.com/foobar.com.site';
    expect(contentOf(backups, backedUp, trixie, file)).toContain("UNITS='foobar.com-mails@1.service foobar.com-mails@2.service'\n");
  });

  test('may write the folder of their repository', () => {
    const unit = '/etc/systemd/system/foobar-provision-backup-foobar.com@.service';
    expect(contentOf(backups, backedUp, trixie, unit)).toMatch(/^ReadWritePaths=.* -\/mnt\/backups$/m);
  });
});

test.each([
  ['/mnt/x', path.kind],
  ['sftp:backup@nas.example:/srv/backups', 'sftp'],
  ['sftp://backup@nas.example:2222//srv/backups', 'sftp'],
  ['s3:https://s3.example.com/bucket/sites', 's3'],
  ['/mnt/../etc', undefined],
  ['mnt/x', undefined],
  ['s3:bucket', undefined],
  ['sftp:nas.example:/srv; rm -rf /', undefined],
])('%s is a repository of the kind %s', (text, kind) => {
  expect(repositoryOf(text)?.kind).toBe(kind);
});

test('a repository over SFTP has a port', () => {
  expect(repositoryOf('sftp://backup@nas.example:2222//srv/backups')).toEqual({
    kind: 'sftp',
    user: 'backup',
    host: 'nas.example',
    port: 2222,
    path: '/srv/backups',
  });
});

const now = new Date('2026-12-01T09:00:00Z');
const lastMade = { kind: 'made', at: new Date('2026-12-01T03:30:00Z'), id: '0123abcd', seconds: 3, size: 9, added: 1, unread: 0 } as const;
const proven: BackupRecord['lastProven'] = {
  ...{ kind: 'proven' as const, at: new Date('2026-11-29T03:31:00Z'), id: 'aa00bb11', seconds: 9, restored: 7 },
  ...{ tables: 4, rows: 12, files: 2, dump: '9f86d081' },
} as const;
const old = { ...lastMade, at: new Date('2026-11-28T03:30:00Z') };

test.each<[string, BackupRecord, boolean, RegExp]>([
  ['no backup yet', {}, true, /^no backup yet$/],
  [
    'a backup and a proof',
    { lastMade, backup: lastMade, lastProven: proven },
    true,
    /^0123abcd, 6 h ago; proven 2 days ago: 12 rows, 2 files$/,
  ],
  ['a backup without a proof', { lastMade, backup: lastMade }, true, /not proven yet$/],
  [
    'a failed backup',
    { lastMade, backup: { kind: 'failed', at: now, error: 'no space left' } },
    false,
    /^the backup 0 min ago failed, the last good one is 0123abcd, 6 h ago: no space left$/,
  ],
  ['nights without a backup', { lastMade: old, backup: old }, false, /^no backup for 3 days/],
  ['a failed drill', { lastMade, drill: { kind: 'failed', at: now, error: '500' } }, false, /but the drill 0 min ago failed: 500$/],
])('the hop with %s', (_, record, ok, detail) => {
  const found = finding(record, { at: '03:30', drills: 'weekly' }, now);
  expect(found.ok).toBe(ok);
  expect(found.detail).toMatch(detail);
});
