import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundled } from '../../src/bundled/files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dump-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const servers = {
  'MySQL 8': ['utf8mb4_unicode_520_ci', 'utf8mb4_0900_ai_ci'],
  'MariaDB 10.11': ['utf8mb4_unicode_520_ci', 'utf8mb4_uca1400_ai_ci'],
  'MariaDB 11.8': ['utf8mb4_unicode_520_ci', 'utf8mb4_uca1400_ai_ci', 'utf8mb4_0900_ai_ci'],
  'MariaDB 10.6': ['utf8mb4_unicode_520_ci'],
} as const;

/** Returns what a server gets from a file, and the notes about it. */
function adapted(dump: string, server: keyof typeof servers) {
  const file = join(folder, 'dump.sql');
  writeFileSync(file, dump);
  const knows = `sql() { case "$(cat)" in ${servers[server].map((name) => `*${name}*`).join('|')}) ;; *) return 1 ;; esac; }`;
  const script = `${bundled('run/dump.sh')}\n${knows}\nif is_dump "$1"; then adapted_dump "$1"; else cat "$1"; fi`;
  const { status, stdout, stderr } = spawnSync('dash', ['-c', script, 'dash', file], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return { sql: stdout, notes: () => stderr.split('\n').filter(Boolean) };
}

const head = '-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)\n';
const definers = 'definers of other accounts are left out, so views, triggers and routines belong to the site';

describe('a dump', () => {
  test.each([
    ['/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n', '/*!50013 SQL SECURITY DEFINER */\n'],
    [
      '/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `t` BEFORE INSERT ON `a` FOR EACH ROW set new.n=1 */;;\n',
      '/*!50003 CREATE*/ /*!50017 */ /*!50003 TRIGGER `t` BEFORE INSERT ON `a` FOR EACH ROW set new.n=1 */;;\n',
    ],
    ['CREATE DEFINER=`shop`@`%` PROCEDURE `p`()\n', 'CREATE PROCEDURE `p`()\n'],
    [
      'CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` AS SELECT 1;\n',
      'CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS SELECT 1;\n',
    ],
  ])('has no definer of another account: %s', (line, expected) => {
    const { sql, notes } = adapted(`${head}${line}`, 'MariaDB 11.8');
    expect(sql).toBe(`${head}${expected}`);
    expect(notes()).toEqual([definers]);
  });

  test.each([
    ['MySQL 8', 'utf8mb4_0900_ai_ci', 'utf8mb4_0900_ai_ci'],
    ['MySQL 8', 'utf8mb4_uca1400_ai_ci', 'utf8mb4_0900_ai_ci'],
    ['MariaDB 10.11', 'utf8mb4_0900_ai_ci', 'utf8mb4_uca1400_ai_ci'],
    ['MariaDB 10.11', 'utf8mb4_0900_bin', 'utf8mb4_bin'],
    ['MariaDB 11.8', 'utf8mb4_0900_ai_ci', 'utf8mb4_0900_ai_ci'],
    ['MariaDB 10.6', 'utf8mb4_uca1400_ai_ci', 'utf8mb4_unicode_520_ci'],
  ] as const)('for %s has %s as %s', (server, collation, expected) => {
    const text = (name: string) =>
      `${head}  \`n\` varchar(9) COLLATE ${name} DEFAULT NULL\n) ENGINE=InnoDB COLLATE=${name};\n/*!50003 SET collation_connection  = ${name} */ ;\n`;
    const { sql, notes } = adapted(text(collation), server);
    expect(sql).toBe(text(expected));
    expect(notes()).toEqual(collation === expected ? [] : [`the collation ${collation} is ${expected} here`]);
  });

  test('of another program may have any line in its data', () => {
    const text = "-- Adminer 4.8.1 MySQL dump\nINSERT INTO `a` VALUES (1,'it\\'s;\nUSE `other`;\nCREATE DATABASE x;\n'),\n(2,'b');\n";
    const { sql, notes } = adapted(`${text}CREATE DATABASE \`shop\`;\n`, 'MariaDB 11.8');
    expect(sql).toBe(`${text}\n`);
    expect(notes()).toEqual([]);
  });

  test('sets no global variables of the server, and keeps its lines and its data', () => {
    const data = "INSERT INTO `a` VALUES (1,'CREATE DEFINER=`root`@`localhost` utf8mb4_0900_ai_ci');\n";
    const gtid = "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a8d7efe4:1-39,\nb8d7efe4:1-3';\n";
    const { sql, notes } = adapted(
      `/*M!999999\\- enable the sandbox mode */ \n${head}${gtid}SET @@SESSION.SQL_LOG_BIN= 0;\n${data}`,
      'MariaDB 10.6',
    );
    expect(sql).toBe(`\n${head}\n\n\n${data}`);
    expect(notes()).toEqual(['settings of the replication are left out']);
  });

  test.each([
    [
      'that creates its database, as phpMyAdmin and --databases do',
      'CREATE DATABASE IF NOT EXISTS `a` DEFAULT CHARACTER SET utf8mb4;\nUSE `a`;\nSELECT 1;\n',
      '\n\nSELECT 1;\n',
      [],
    ],
    [
      'that drops it first',
      '/*!40000 DROP DATABASE IF EXISTS `a`*/;\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `a` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\nUSE a;\nSELECT 1;\n',
      '\n\n\nSELECT 1;\n',
      [],
    ],
    [
      'of several databases',
      'USE `a`;\nSELECT 1;\nCREATE DATABASE `b`;\nUSE `b`;\nSELECT 2;\nUSE `a`;\nSELECT 3;\n',
      '\nSELECT 1;\n\n\n\n\nSELECT 3;\n',
      ['only the first database, `a`, is loaded, and `b` is left out'],
    ],
  ])('%s is for the site’s own database', (_, text, expected, said) => {
    const { sql, notes } = adapted(`${head}${text}`, 'MariaDB 11.8');
    expect([sql, notes()]).toEqual([`${head}${expected}`, said]);
  });

  test('leaves out an sql_mode that MySQL no longer knows', () => {
    const mode = "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ;\n";
    expect(adapted(`${head}${mode}`, 'MySQL 8').sql).toBe(`${head}${mode.replace('NO_AUTO_CREATE_USER,', '')}`);
    expect(adapted(`${head}${mode}`, 'MariaDB 10.11').sql).toBe(`${head}${mode}`);
  });

  test('is a file that a dump program has written; other files are unchanged', () => {
    const own = 'CREATE DEFINER=`root`@`localhost` PROCEDURE p() SELECT 1;\n';
    expect(adapted(own, 'MySQL 8').sql).toBe(own);
  });
});
