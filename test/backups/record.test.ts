import { expect, test } from 'vitest';
import { backupRecordScript, parseBackupRecords } from '../../src/backups/record.ts';

const made = '{"kind":"made","at":"2026-11-30T03:30:12Z","id":"0123abcd","seconds":3,"size":4096,"added":512,"unread":0}';
const failed = '{"kind":"failed","at":"2026-12-01T03:30:02Z","error":"there is no repository at /mnt/x"}';
const proven =
  '{"kind":"proven","at":"2026-11-30T03:31:00Z","id":"0123abcd","seconds":9,"restored":7,"tables":4,"rows":12,"files":2,"dump":"9f86d081"}';

test('the records of a site keep the last success after a later failure', () => {
  const output = `shop.example\tmade\t${made}\nshop.example\tbackup\t${failed}\nshop.example\tproven\t${proven}\nshop.example\tdrill\t${proven}\n`;
  expect(parseBackupRecords(output).get('shop.example')).toEqual({
    lastMade: { kind: 'made', at: new Date('2026-11-30T03:30:12Z'), id: '0123abcd', seconds: 3, size: 4096, added: 512, unread: 0 },
    backup: { kind: 'failed', at: new Date('2026-12-01T03:30:02Z'), error: 'there is no repository at /mnt/x' },
    lastProven: expect.objectContaining({ kind: 'proven', rows: 12 }),
    drill: expect.objectContaining({ kind: 'proven', rows: 12 }),
  });
});

test.each([
  ['no record', ''],
  ['a damaged record', 'shop.example\tmade\t{"kind":"ma\n'],
])('%s', (_, output) => {
  expect(parseBackupRecords(output).get('shop.example') ?? {}).toEqual({});
});

test('the script names each site', () => {
  expect(backupRecordScript(['a.example', 'b.example']).text).toContain('for site in a.example b.example;');
});
