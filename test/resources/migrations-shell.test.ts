import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundled } from '../../src/bundled/files.ts';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'migrations-'));
  mkdirSync(join(run, 'secrets'));
  writeFileSync(join(run, '1.sql'), 'CREATE TABLE a (b INT);\n');
});
afterEach(() => rmSync(run, { recursive: true }));

/** A fake database client: stores its input as `fed-1`, `fed-2`, and answers each call with a line of this text. */
const client = `
client_file() { printf '%s %s\\n' "$1" "$2"; }
client_words() { printf client; }
fill_secret() { printf '%s\\n' "$2" >>"$RUN/filled"; }
run_confined() {
  calls=$(ls "$RUN" | grep -c ^fed-) && calls=$((calls + 1)) || calls=1
  cat >"$RUN/fed-$calls"
  printf '%s\\n' "$@" >"$RUN/asked-$calls"
  answer=$(sed -n "\${calls}p" "$RUN/answers")
  case $answer in ERROR*) printf '%s\\n' "$answer" >&2; return 1 ;; *) printf '%s\\n' "$answer" ;; esac
}`;

/** Runs a function of ours with the words of one migration. */
function migrates(how: 'migrate' | 'migrate_unless_recorded', answers: readonly string[]) {
  writeFileSync(join(run, 'answers'), answers.join('\n'));
  const words = ['shop', 'shop_user', 'shop.database', '1.sql', join(run, '1.sql'), 'web', 'ProtectHome=yes', 'ReadWritePaths=/a /b'];
  const script = `RUN=${run}\n${bundled('run/dump.sh')}\n${bundled('run/migrations.sh')}\n${client}\n${how} "$@"`;
  const { status, stdout } = spawnSync('dash', ['-c', script, 'dash', ...words], { encoding: 'utf8' });
  const read = (name: string) => readFileSync(join(run, name), 'utf8');
  return { status, stdout, read };
}

const applied = expect.stringMatching(
  /^SET lock_wait_timeout = 60; CREATE TABLE IF NOT EXISTS foobar_migrations .*\nSTART TRANSACTION;\nCREATE TABLE a \(b INT\);\n\n;INSERT INTO foobar_migrations \(name\) VALUES \('1\.sql'\);\nCOMMIT;\n$/,
);

describe('a migration', () => {
  test('is one transaction with its record, with the rights of the site', () => {
    const { status, read } = migrates('migrate', ['']);
    expect(status).toBe(0);
    expect(read('fed-1')).toEqual(applied);
    expect(read('asked-1').split('\n').slice(0, -1)).toEqual([
      'web',
      'exec client --batch --skip-column-names shop',
      `LoadCredential=client.cnf:${run}/secrets/client.cnf`,
      'RuntimeMaxSec=1800',
      'ProtectHome=yes',
      'ReadWritePaths=/a /b',
    ]);
    expect(read('filled')).toBe('shop.database\n');
  });

  test.each([
    ['ERROR 1064 (42000) at line 3: what', 'ERROR 1064 (42000) at line 3: what\n1.sql, line 1: CREATE TABLE a (b INT);\n'],
    [
      'ERROR 1205 (HY000) at line 2: Lock wait timeout exceeded',
      'ERROR 1205 (HY000) at line 2: Lock wait timeout exceeded\nAnother connection has held a lock that 1.sql needs for a minute. Find it with SHOW PROCESSLIST in shop, end it, and run again.\n',
    ],
    [
      'ERROR 1227 (42000) at line 3: Access denied; you need (at least one of) the SUPER privilege(s)',
      `ERROR 1227 (42000) at line 3: Access denied; you need (at least one of) the SUPER privilege(s)
1.sql, line 1: CREATE TABLE a (b INT);
The site's account has every right on shop and none elsewhere. Remove the DEFINER of another account (and SET GLOBAL) from that line of 1.sql, and deploy again.
`,
    ],
    [
      'ERROR 1273 (HY000) at line 3: Unknown collation',
      'ERROR 1273 (HY000) at line 3: Unknown collation\n1.sql, line 1: CREATE TABLE a (b INT);\nThis server does not know that collation. Replace it in 1.sql with one that it knows, such as utf8mb4_unicode_ci, and deploy again.\n',
    ],
  ])('that fails reports the reason: %s', (error, expected) => {
    expect(migrates('migrate', [error])).toMatchObject({ status: 1, stdout: expected });
  });
});

describe('a migration that may or may not be recorded', () => {
  test('is not applied if it is recorded', () => {
    const { status, stdout, read } = migrates('migrate_unless_recorded', ['recorded']);
    expect([status, stdout]).toEqual([0, '1.sql is recorded.\n']);
    expect(read('asked-1')).toContain('\nRuntimeMaxSec=300\nProtectHome=yes\n');
    expect(() => read('fed-2')).toThrow('ENOENT');
  });

  test.each([
    ['it is not', ''],
    ['there is no table of them', "ERROR 1146 (42S02) at line 1: Table 'shop.foobar_migrations' doesn't exist"],
  ])('is applied if %s', (_, answer) => {
    const { status, read } = migrates('migrate_unless_recorded', [answer, '']);
    expect(status).toBe(0);
    expect(read('fed-1')).toBe("SET lock_wait_timeout = 60; SELECT 'recorded' FROM foobar_migrations WHERE name = '1.sql' LIMIT 1;");
    expect(read('fed-2')).toEqual(applied);
    expect(read('asked-2')).toContain('\nRuntimeMaxSec=1800\nProtectHome=yes\n');
  });

  test('fails if the database does not answer', () => {
    const { status, stdout, read } = migrates('migrate_unless_recorded', ["ERROR 2002 (HY000): Can't connect"]);
    expect([status, stdout]).toEqual([1, "ERROR 2002 (HY000): Can't connect\n"]);
    expect(() => read('fed-2')).toThrow('ENOENT');
  });
});
