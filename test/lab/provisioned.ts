import { beforeAll, expect, test } from 'vitest';
import type { Suite } from '../../src/sandbox/index.ts';
import { cli, type Ended, folder, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { ask, hiddenFields } from './visitor.ts';

const hops = ['dns', 'tcp', 'nginx', 'php-fpm', 'mysql', 'app', 'visitor'];

/** Tests the bundled site on a bare host, whose database says that it is `engine` and runs as `unit`. */
export function testProvisioned(suite: Suite, engine: string, unit: string): void {
  const here = lab(suite);
  let first: Ended;
  let second: Ended;

  beforeAll(async () => {
    first = await cli(here.host, 'apply', ['--yes']);
    second = await cli(here.host, 'apply', ['--yes']);
  });

  test('becomes a site whose every hop is healthy', () => {
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.events.at(0)).toMatchObject({ event: 'start', schema: 1 });
    expect(first.events.at(-1)).toMatchObject({
      event: 'result',
      ok: true,
      healthy: true,
      exitCode: 0,
      changed: named(first, 'change').length,
    });
    expect(named(first, 'health').map(({ hop, ok }) => [hop, ok])).toEqual(hops.map((hop) => [hop, true]));
  });

  test('answers under both of its names with its own pages, and not under an unknown one', async () => {
    for (const name of ['foobar.com', 'www.foobar.com']) {
      const page = await ask(here.host.address, name, '/');
      expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<h1') });
      expect(await ask(here.host.address, name, '/assets/site.css')).toMatchObject({ status: 200, body: expect.stringContaining('{') });
      expect(await ask(here.host.address, name, '/no-such-page')).toMatchObject({ status: 404 });
    }
    await expect(ask(here.host.address, 'other.example', '/')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(ask(here.host.address, here.host.address, '/')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('stores what a visitor writes', async () => {
    const address = here.host.address;
    const form = await ask(address, 'www.foobar.com', '/guestbook');
    const fields = { ...hiddenFields(form.body), name: 'A visitor', message: `Hello from ${suite}` };
    const posted = await ask(address, 'www.foobar.com', '/guestbook', { fields, cookie: form.cookie });
    expect(posted.status).toBeLessThan(400);
    expect((await ask(address, 'www.foobar.com', '/guestbook')).body).toContain(`Hello from ${suite}`);
    const { stdout } = await exec(here.host, `$(command -v mariadb || command -v mysql) foobar_com -BNe 'SELECT message FROM guestbook'`);
    expect(stdout).toBe(`Hello from ${suite}\n`);
  });

  test("runs the distribution's database, which listens only on the host, and starts everything at boot", async () => {
    expect(named(first, 'health').find(({ hop }) => hop === 'mysql')?.detail).toMatch(new RegExp(`^${engine}\\.`));
    const { stdout } = await exec(
      here.host,
      `for unit in nginx ${unit} "$(systemctl list-units --plain --no-legend 'php-foobar.com-*' | cut -d ' ' -f 1)"; do systemctl is-active "$unit"; systemctl is-enabled "$unit"; done | xargs
       systemctl is-system-running --wait
       ss -Hltn '( sport = :3306 )' | awk '{ print $4 }'`,
    );
    expect(stdout).toBe('active enabled active enabled active enabled\nrunning\n127.0.0.1:3306\n');
  });

  test('has a database in which applications may create triggers and functions, and that knows time zones by name', async () => {
    const statements = [
      'CREATE TABLE counted (n INT)',
      'CREATE FUNCTION three() RETURNS INT RETURN 3',
      'CREATE TRIGGER on_insert BEFORE INSERT ON counted FOR EACH ROW SET NEW.n = NEW.n + three()',
      'INSERT INTO counted VALUES (4)',
      "SET time_zone = 'Europe/Berlin'",
      "SELECT n, CONVERT_TZ('2026-07-01 12:00', 'UTC', 'Europe/Berlin'), CURRENT_USER() FROM counted",
      'DROP TABLE counted',
      'DROP FUNCTION three',
    ];
    const { stdout, code } = await exec(
      here.host,
      `MYSQL_PWD=$(cat /etc/foobar-provision/secrets/foobar.com.database) $(command -v mariadb || command -v mysql) -u foobar_com foobar_com -BNe "${statements.join('; ')}"`,
    );
    expect([code, stdout]).toEqual([0, '7\t2026-07-01 14:00:00\tfoobar_com@localhost\n']);
  });

  test('takes a dump of another server as a migration: with its definers, and a collation that this one may not know', async () => {
    const dump = `-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
/*!50606 SET @OLD_INNODB_STATS_AUTO_RECALC=@@INNODB_STATS_AUTO_RECALC */;
SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '';
CREATE TABLE orders (
  id INT PRIMARY KEY,
  who VARCHAR(60)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
INSERT INTO orders VALUES (1,'Zoë'),(2,'DEFINER=\`root\`@\`%\` stays text');
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=\`root\`@\`%\` SQL SECURITY DEFINER */
/*!50001 VIEW first_orders AS select orders.who AS who from orders */;
DELIMITER ;;
CREATE DEFINER=\`shop\`@\`10.0.0.1\` TRIGGER upper_case BEFORE INSERT ON orders FOR EACH ROW SET NEW.who = UPPER(NEW.who) ;;
DELIMITER ;
INSERT INTO orders VALUES (3,'three');
`;
    const site = { domain: 'dump.test', www: false, https: false, host: false, app: { source: 'app' } };
    const cwd = folder({ 'foobar.config.json': JSON.stringify(site), 'app/index.html': 'page', 'app/migrations/0001_dump.sql': dump });
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd });
    expect(ended.code, ended.stderr + ended.stdout.slice(-1500)).toBe(0);
    expect(ended.stdout).toMatch(/definer/i);
    const { stdout } = await exec(
      here.host,
      '$(command -v mariadb || command -v mysql) --default-character-set=utf8mb4 dump_test -BNe "SELECT who FROM first_orders; SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()"',
    );
    expect(stdout).toBe('Zoë\nDEFINER=`root`@`%` stays text\nTHREE\ndump_test@localhost\n');
    expect((await cli(here.host, 'destroy', ['--yes', '--allow-destroy'], { cwd })).code).toBe(0);
  });

  test('is unchanged by the next run, which reads it in three round trips', () => {
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(named(second, 'change')).toEqual([]);
    expect(second.events.at(-1)).toMatchObject({ ok: true, changed: 0, healthy: true });
    expect(named(second, 'health').map(({ hop, ok }) => [hop, ok])).toEqual(hops.map((hop) => [hop, true]));
    const [compared] = named(second, 'compared');
    expect(compared?.roundTrips).toBeLessThanOrEqual(3);
  });
}
