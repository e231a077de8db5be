import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** The real functions, on a site's folder, with `take_snapshot` and the database replaced by what they are asked. */
describe('a snapshot before the migrations of a release', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'snapshots-'));
    for (const release of ['aaa', 'bbb']) mkdirSync(join(folder, 'site/releases', release, 'some migrations'), { recursive: true });
    mkdirSync(join(folder, 'state/databases/a.test'), { recursive: true });
    mkdirSync(join(folder, 'state/releases/a.test/bbb'), { recursive: true });
    symlinkSync('releases/aaa', join(folder, 'site/current'));
    writeFileSync(join(folder, 'state/releases/a.test/history'), '1 aaa\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (path: string, text: string) => writeFileSync(join(folder, 'site/releases', path), text);
  const library = join(import.meta.dirname, '../../files/db/release-snapshots.sh');

  function run(call: string, tables = '3'): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
    const script = `set -e
STATE=$FOLDER/state
sql() { case $(cat) in *COUNT*) echo ${tables} ;; *) echo 70000.0000 ;; esac; }
df() { echo "- - - ${'$'}{FREE:-99999999}"; }
take_snapshot() { echo "taken $4 $5 $6 $7" >&2; : >"$STATE/databases/$1/$2.sql.gz"; }
write_record() { cat >"$1/$2"; }
. "$LIBRARY"
${call}
echo "then the migration"`;
    const { status, stdout, stderr } = spawnSync('dash', ['-c', script], {
      encoding: 'utf8',
      env: { ...process.env, FOLDER: folder, LIBRARY: library },
    });
    return { code: status, stdout, stderr };
  }
  const words = 'a.test bbb 3 user secret base owner';
  const before = `snapshot_before_release ${words}`;
  const migrations = `snapshot_before_migrations "$FOLDER/site/current" 'some migrations\ncomposer.lock' ${words}`;
  const migrated = { code: 0, stdout: 'then the migration\n' };

  test('is taken once, also if the run was interrupted and is repeated, and again after another release was live', () => {
    expect(run(before)).toEqual({ ...migrated, stderr: 'taken user secret base owner\n' });
    expect(run(before)).toEqual({ ...migrated, stderr: '' });
    writeFileSync(join(folder, 'state/releases/a.test/history'), '1 aaa\n2 bbb\n3 aaa\n');
    expect(run(before).stderr).toBe('taken user secret base owner\n');
  });

  test('is not taken of an empty database', () => {
    expect(run(before, '0')).toEqual({ ...migrated, stderr: '' });
  });

  test('fails before the migration if there is no room for it', () => {
    expect(run(`FREE=1; ${before}`)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^A snapshot of base may need 68 MiB in .*\/state\/databases, and 0 MiB are free\. Free some space there/,
      ),
    });
  });

  test('is taken if a file of the migrations is new, changed or gone', () => {
    expect(run(migrations)).toEqual({ ...migrated, stderr: '' });
    write('aaa/some migrations/1.php', 'one');
    write('bbb/some migrations/1.php', 'one');
    expect(run(migrations).stderr).toBe('');
    write('bbb/composer.lock', '{}');
    expect(run(migrations).stderr).toContain('taken');
    write('aaa/composer.lock', '{}');
    rmSync(join(folder, 'state/releases/a.test/bbb/snapshot'));
    expect(run(migrations).stderr).toBe('');
    write('bbb/some migrations/1.php', 'two');
    expect(run(migrations).stderr).toContain('taken');
  });
});
