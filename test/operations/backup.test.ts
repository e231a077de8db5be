import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { definePlaybook } from '../../src/index.ts';
import { parseBackupSecrets } from '../../src/operations/backup/secrets.ts';
import { type BackupWork, backup } from '../../src/operations/backup.ts';
import { config } from '../playbooks/configs.ts';
import type { Canned } from '../transport/recording.ts';
import { opened, outcomeOf, type Scenario } from './scenario.ts';

const s3 = {
  ...config(),
  backups: {
    ...{ keep: { daily: 7, weekly: 4, monthly: 6 }, at: '03:30', drill: 'weekly' as const },
    to: { kind: 's3' as const, url: 'https://s3.test/b' },
  },
};
const listed = JSON.stringify([
  { short_id: 'aa11', time: '2026-11-30T03:30:00Z', tags: ['foobar.com', 'nightly', 'release-abc'] },
  { short_id: 'bb22', time: '2026-12-01T03:30:00Z', tags: ['foobar.com', 'manual', 'release-abc'] },
  { short_id: 'cc33', time: '2026-12-01T03:30:00Z', tags: ['of another program'] },
]);
const scenario = (job: string, more: readonly Canned[] = [], given: Scenario = {}): Scenario => ({
  config: s3,
  playbooks: [definePlaybook({ name: 'app', resources: () => [] })],
  ...given,
  more: [...more, [/^start_backup_job foobar/m, job], [/backup foobar\.com list$/, listed], [/made backup proven drill/, '']],
});
const does = (given: Scenario, work: BackupWork) => outcomeOf(given, (fleet, context) => backup({ work }, fleet, context));
const jobOf = ({ text }: { readonly text: string }) => text.split('\n').at(-1);

test('a backup shows what the host does, then the list', async () => {
  expect(await does(scenario('opening the repository\nfoobar.com: backed up in 2 s\n#end 0\n'), { kind: 'now' })).toMatchObject({
    result: { ok: true, exitCode: 0 },
    told: ['stage: opening the repository', 'stage: foobar.com: backed up in 2 s', 'backups of foobar.com: bb22, aa11'],
    isClosed: true,
  });
});

test.each([
  ['fails with its own message', 'Fatal: wrong password\n#end 1\n', 'The backup failed on host.test.', 1],
  ['is refused while another is in progress', '#busy\n', 'Another backup, drill or restore is in progress on host.test.', 3],
  ['is refused before it is set up', '#unknown\n', 'host.test has no backups of foobar.com.', 1],
  ['is interrupted', 'opening the repository\n', 'The backup was interrupted on host.test.', 1],
])('a backup %s', async (_, job, message, exit) => {
  const { result } = await does(scenario(job), { kind: 'now' });
  expect(result).toMatchObject({ message, exit });
});

test('a restore asks first, and does nothing without consent', async () => {
  const work = { kind: 'restore', approved: false } as const;
  expect((await does(scenario('#end 0\n', [], { agrees: false }), work)).result).toMatchObject({ message: 'Nothing was restored.' });
  expect((await does(scenario('#end 0\n'), work)).result).toMatchObject({ message: 'Nothing was restored.' });
  const agreed = await does(scenario('#end 0\n', [], { agrees: true }), work);
  expect(agreed.questions[0]).toMatch(/^Replace the database and the shared files of foobar\.com on host\.test with the last backup\?/);
  expect(agreed.result).toMatchObject({ ok: true, changed: 1 });
});

test('the id and the site are words of the job', async () => {
  const { fleet, context, transport } = await opened(scenario('#end 0\n'));
  await backup({ work: { kind: 'restore', id: 'aa11', approved: true } }, fleet, context);
  expect(transport.calls.filter((call) => call.kind === 'run').map(jobOf)).toEqual(['start_backup_job foobar.com restore foobar.com aa11']);
});

test('a restore to a folder unpacks everything but the passwords', async () => {
  const archive = pack();
  for (const [name, content] of [
    ['site/database/data.sql', 'INSERT'],
    ['site/about/secrets/foobar.com.database', 'hush'],
  ] as const)
    archive.entry({ name }, content);
  archive.finalize();
  const folder = mkdtempSync(join(tmpdir(), 'backup-'));
  const given = scenario('', [[/backup foobar\.com extract foobar\.com ''$/, (await buffer(archive)).toString('latin1')]]);
  expect((await does(given, { kind: 'restore', folder, approved: false })).result).toMatchObject({ ok: true, changed: 0 });
  expect(readFileSync(join(folder, 'database/data.sql'), 'utf8')).toBe('INSERT');
  expect(readdirSync(folder)).toEqual(['database']);
  // The folder has a backup now.
  expect((await does(given, { kind: 'restore', folder, approved: false })).result).toMatchObject({ message: `${folder} is not empty.` });
  rmSync(folder, { recursive: true });
});

test('the keys of S3 are sent only on standard input', async () => {
  const state = 'settings\nnext Tue 2026-12-01 03:30:00 UTC\n';
  const given = scenario('#end 0\n', [
    [/backup_state foobar\.com$/, state],
    [/store_backup_secrets foobar\.com$/, ''],
  ]);
  expect((await does(given, { kind: 'schedule', secrets: {}, acceptsNew: false })).result).toMatchObject({
    message: 'The keys of s3:https://s3.test/b are missing.',
  });
  const { fleet, context, transport, events } = await opened(given);
  const secrets = { 'key-id': new Secret('AKID'), key: new Secret('hush+/=') };
  await backup({ work: { kind: 'schedule', secrets, acceptsNew: false } }, fleet, context);
  const [stored] = transport.calls.flatMap((call) =>
    call.kind === 'run' && call.text.includes('store_backup_secrets foobar') ? [call] : [],
  );
  expect(stored?.input.toString()).toBe('key-id=AKID\nkey=hush+/=\n');
  expect(JSON.stringify([events, transport.calls.map((call) => ('text' in call ? call.text : ''))])).not.toContain('hush');
});

test('an error about a line that is not a secret does not contain the line', () => {
  expect(Object.keys(parseBackupSecrets('passphrase=a=b\n\nkey=c\r\n'))).toEqual(['passphrase', 'key']);
  expect(() => parseBackupSecrets('hush')).toThrow('A line of standard input is not a secret of a repository.');
});
