import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { begin, cli, folder, named, reaching } from './cli.ts';
import { exec, lab } from './host.ts';
import { stack } from './packages.ts';

/** A dump from a newer MySQL. Its definers are other accounts, and it has a view on a view, a trigger, a function and a foreign key. */
const dump = `-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
/*!50503 SET NAMES utf8mb4 */;
/*!40014 SET FOREIGN_KEY_CHECKS=0 */;
CREATE TABLE \`a parent\` (\`id\` int NOT NULL, \`name\` varchar(50), PRIMARY KEY (\`id\`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
;
INSERT INTO \`a parent\` VALUES (1,'Jürgen 😀'),(2,'it''s');
CREATE TABLE \`child\` (
  \`id\` int NOT NULL,
  \`parent\` int DEFAULT NULL,
  \`log\` text COLLATE utf8mb4_0900_ai_ci,
  PRIMARY KEY (\`id\`),
  CONSTRAINT \`child_ibfk_1\` FOREIGN KEY (\`parent\`) REFERENCES \`a parent\` (\`id\`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=\`root\`@\`localhost\`*/ /*!50003 TRIGGER \`t1\` BEFORE INSERT ON \`child\` FOR EACH ROW SET NEW.log = 'by the trigger' */;;
CREATE DEFINER=\`root\`@\`%\` FUNCTION \`twice\`(x INT) RETURNS int DETERMINISTIC RETURN x * 2 ;;
DELIMITER ;
CREATE DEFINER=\`admin\`@\`%\` VIEW \`v1\` AS select \`name\`, twice(\`id\`) AS \`twice\` from \`a parent\`;
CREATE DEFINER=\`admin\`@\`%\` VIEW \`v2\` AS select \`twice\` from \`v1\`;
-- Dump completed on 2026-01-01  0:00:00
`;

const state = `echo "SELECT GROUP_CONCAT(twice) FROM v2; INSERT INTO child (id, parent) VALUES (9, 1); SELECT log FROM child; DELETE FROM child;" |
  mariadb -N foobar_com; mariadb -N -e "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'foobar%'; SELECT COUNT(*) FROM mysql.user WHERE user LIKE 'foobar%'"`;
const asImported = '2,4\nby the trigger\n1\n2\n';

describe.sequential('the database of a site', () => {
  const machine = lab('trixie', { include: stack });
  const here = folder({ 'dump.sql': dump });

  test('is replaced with a dump, and can then be exported', async () => {
    const applied = await cli(machine.host, 'apply', ['--yes']);
    expect(applied.code, applied.stderr).toBe(0);
    const imported = await cli(machine.host, 'db', ['import', 'dump.sql', '--yes'], { cwd: here });
    expect(imported.code, imported.stderr).toBe(0);
    expect((await exec(machine.host, state)).stdout).toBe(asImported);
    const exported = await cli(machine.host, 'db', ['export', 'out.sql.gz'], { cwd: here });
    expect(exported.code, exported.stderr).toBe(0);
    const text = gunzipSync(readFileSync(join(here, 'out.sql.gz'))).toString();
    expect(text).toMatch(/Jürgen 😀[\s\S]*TRIGGER[\s\S]*FUNCTION `twice`[\s\S]*VIEW `v2`[\s\S]*-- Dump completed/);
    expect(text).not.toContain('DEFINER=`');
    expect(readdirSync(here).sort()).toEqual(['dump.sql', 'out.sql.gz']);
  });

  test.each<readonly [string, (dump: Buffer) => Buffer | string, RegExp]>([
    ['is cut off', (dump) => dump.subarray(0, 400), /dump may be incomplete/],
    ['ends too early', () => dump.slice(0, dump.indexOf('CREATE DEFINER=`admin`')), /incomplete or damaged/],
    ['names another database', () => `${dump}INSERT INTO mysql.user VALUES (1);\n`, /names a database/],
    ['names the site’s own database', () => `${dump}DROP TABLE foobar_com.child;\n`, /names a database/],
  ])('stays as it is if a dump %s', async (_, broken, message) => {
    writeFileSync(join(here, 'broken'), broken(readFileSync(join(here, 'out.sql.gz'))));
    const ended = await cli(machine.host, 'db', ['import', 'broken', '--yes'], { cwd: here });
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringMatching(message)]);
    expect((await exec(machine.host, state)).stdout).toBe(asImported);
  });

  test('is restored from a snapshot', async () => {
    const { stdout } = await exec(machine.host, 'ls /var/lib/foobar-provision/databases/foobar.com');
    const ended = await cli(machine.host, 'db', ['import', '--snapshot', stdout.replace('.sql.gz', '').trim(), '--yes']);
    expect(ended.code, ended.stderr).toBe(0);
    expect((await cli(machine.host, 'verify')).code).toBe(0);
  });

  test('is as before its migrations after a rollback with its data, which takes the snapshot of the deploy', async () => {
    const site = { domain: 'shop.test', www: false, https: false, host: false, app: { source: 'app' } };
    const files = {
      'foobar.config.json': JSON.stringify(site),
      'app/index.html': 'page',
      'app/migrations/0001_orders.sql':
        "CREATE TABLE orders (id INT PRIMARY KEY, who VARCHAR(60)); INSERT INTO orders VALUES (1, 'first');",
    };
    const first = await cli(machine.host, 'apply', ['--yes'], { cwd: folder(files) });
    expect(first.code, first.stderr).toBe(0);
    const snapshots = 'find /var/lib/foobar-provision/databases/shop.test -type f | wc -l';
    expect((await exec(machine.host, snapshots)).stdout).toBe('0\n');
    await exec(machine.host, `mariadb shop_test -e "INSERT INTO orders VALUES (2, 'second')"`);
    const cwd = folder({
      ...files,
      'app/index.html': 'other page',
      'app/migrations/0002_drop.sql': 'ALTER TABLE orders DROP COLUMN who;',
    });
    const second = await cli(machine.host, 'deploy', ['--yes'], { cwd });
    expect(second.code, second.stderr).toBe(0);
    expect(second.stdout).toContain('apply 0002_drop.sql, after a snapshot of shop_test');
    await exec(machine.host, 'mariadb shop_test -e "INSERT INTO orders VALUES (3)"');
    const back = await cli(machine.host, 'rollback', ['--data', '--yes'], { cwd });
    expect(back.code, back.stderr).toBe(0);
    const { stdout } = await exec(
      machine.host,
      `mariadb shop_test -N -e "SELECT * FROM orders; SELECT name FROM foobar_migrations"; cat /srv/www/shop.test/current/index.html; ${snapshots}`,
    );
    expect(stdout).toBe('1\tfirst\n2\tsecond\n0001_orders.sql\npage2\n');
    expect((await cli(machine.host, 'destroy', ['--yes', '--allow-destroy'], { cwd })).code).toBe(0);
  });

  test('has a console, and a tunnel whose user is removed when it closes', async () => {
    const words = ['db', reaching(machine.host)[0] ?? '', 'console', ...reaching(machine.host).slice(1)];
    expect((await begin(words, { input: 'SELECT CURRENT_USER();\n' }).ended).stdout).toContain('foobar_com@localhost');
    const tunnel = begin(['db', reaching(machine.host)[0] ?? '', 'tunnel', ...reaching(machine.host).slice(1), '--json']);
    await new Promise<void>((resolve) =>
      tunnel.child.stdout?.on('data', (chunk) => String(chunk).includes('passwordCommand') && resolve()),
    );
    expect((await exec(machine.host, `mariadb -N -e "SELECT COUNT(*) FROM mysql.user WHERE user LIKE 'foobar_tunnel%'"`)).stdout).toBe(
      '2\n',
    );
    tunnel.child.kill('SIGINT');
    const ended = await tunnel.ended;
    expect(named(ended, 'tunnel')).toEqual([expect.objectContaining({ address: '127.0.0.1', database: 'foobar_com' })]);
    expect((await exec(machine.host, `mariadb -N -e "SELECT COUNT(*) FROM mysql.user WHERE user LIKE 'foobar_tunnel%'"`)).stdout).toBe(
      '0\n',
    );
  });

  test('is removed with its snapshots, if that is allowed', async () => {
    const kept = 'ls /var/lib/foobar-provision/databases/foobar.com';
    const refused = await cli(machine.host, 'destroy', ['--yes']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('databases/foobar.com')]);
    expect((await exec(machine.host, kept)).stdout).not.toBe('');
    const gone = await cli(machine.host, 'destroy', ['--yes', '--allow-destroy']);
    expect(gone.code, gone.stderr).toBe(0);
    expect((await exec(machine.host, 'ls -d /var/lib/foobar-provision 2>/dev/null')).stdout).toBe('');
  });
});
