import { beforeAll, describe, expect, test } from 'vitest';
import { cli, folder } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { stack } from '../lab/packages.ts';

const end = '-- Dump completed on 2026-01-01  0:00:00\n';

/** A database with a trigger, a function and a view. `version` is in each of them. */
const dumpOf = (version: string) => `-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
CREATE TABLE \`items\` (\`id\` int NOT NULL, \`log\` text COLLATE utf8mb4_0900_ai_ci, PRIMARY KEY (\`id\`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
INSERT INTO \`items\` VALUES (1, '${version}');
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=\`root\`@\`localhost\`*/ /*!50003 TRIGGER \`t1\` BEFORE INSERT ON \`items\` FOR EACH ROW SET NEW.log = 'trigger ${version}' */;;
CREATE DEFINER=\`root\`@\`%\` FUNCTION \`which\`() RETURNS text DETERMINISTIC RETURN 'function ${version}' ;;
DELIMITER ;
CREATE DEFINER=\`admin\`@\`%\` VIEW \`v1\` AS select 'view ${version}' AS \`version\`, which() AS \`w\`;
${end}`;

const state = `mariadb -N foobar_com -e "SELECT log FROM items; SELECT * FROM v1; INSERT INTO items (id) VALUES (9); SELECT log FROM items WHERE id = 9; DELETE FROM items WHERE id = 9"
  mariadb -N -e "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'foobar%'; SELECT COUNT(*) FROM mysql.user WHERE user LIKE 'foobar%'"
  ls -A /var/lib/foobar-provision/databases/foobar.com | grep -v sql.gz`;
const whole = (version: string) => `${version}\nview ${version}\tfunction ${version}\ntrigger ${version}\n1\n2\n`;

// What holds the exchange at an instant, so that the power fails there: a transaction that reads the table, or that uses the function.
describe.sequential.each([
  ['before the tables are live', 'SELECT COUNT(*) FROM items', 'one', 'the old data is live, and its triggers are restored'],
  ['after the tables are live', 'SELECT which()', 'two', 'the new data is live'],
])('an import that a power failure interrupts %s', (_, held, version, words) => {
  const machine = lab('trixie', { include: stack });
  const here = folder({ 'one.sql': dumpOf('one'), 'two.sql': dumpOf('two') });

  beforeAll(async () => {
    const applied = await cli(machine.host, 'apply', ['--yes']);
    expect(applied.code, applied.stderr).toBe(0);
    const imported = await cli(machine.host, 'db', ['import', 'one.sql', '--yes'], { cwd: here });
    expect(imported.code, imported.stderr).toBe(0);
    expect((await exec(machine.host, state)).stdout).toBe(whole('one'));
  });

  test('is named by verify, and finished by the next run', async () => {
    await exec(
      machine.host,
      `systemd-run --quiet --unit=holder sh -c '{ echo "BEGIN; ${held};"; sleep 300; } | mariadb --unbuffered foobar_com'; sleep 1`,
    );
    const importing = cli(machine.host, 'db', ['import', 'two.sql', '--yes'], { cwd: here });
    const waiting = await exec(
      machine.host,
      `i=0; until mariadb -N -e "SHOW PROCESSLIST" | grep -q "Waiting for .* metadata lock\\|Waiting for stored"; do i=$((i + 1)); [ $i -lt 300 ] || exit 1; sleep 0.1; done
        ls /var/lib/foobar-provision/databases/foobar.com/replacement`,
    );
    expect(waiting).toMatchObject({ code: 0, stdout: expect.stringContaining('begun') });
    await machine.reboot();
    await importing;
    expect((await exec(machine.host, state)).stdout).not.toBe(whole(version));
    const verified = await cli(machine.host, 'verify');
    expect(verified.stdout).toContain('An import into the database of foobar.com was interrupted');
    const applied = await cli(machine.host, 'apply', ['--yes']);
    expect(applied.code, applied.stderr).toBe(0);
    expect(applied.stdout).toContain(words);
    expect((await exec(machine.host, state)).stdout).toBe(whole(version));
    expect((await cli(machine.host, 'verify')).stdout).not.toContain('was interrupted');
  });
});
