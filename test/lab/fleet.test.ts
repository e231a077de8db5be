import { describe, expect, test } from 'vitest';
import { named } from './cli.ts';
import { exec } from './host.ts';
import { stack } from './packages.ts';
import { pair } from './pair.ts';
import { ask, hiddenFields } from './visitor.ts';

const link = 'foobar-provision-database-link.service';
const secrets = '/etc/foobar-provision/secrets';
const changesIn = (ended: Awaited<ReturnType<ReturnType<typeof pair>['run']>>) =>
  named(ended, 'change').map(({ host, resource, reason }) => `${host} ${resource} ${reason}`);

describe.sequential('a web server and a server for its database', () => {
  const here = pair({ include: stack });

  test('are set up in one run, the database first, and both ends are healthy', async () => {
    // The prepared hosts have both servers. The web server has stopped using its own database.
    await exec(here.database.host, 'systemctl disable -q --now nginx');
    await here.connect({ host: { upgrades: false, limits: false, passwords: false, integrity: false } });
    const ended = await here.run('apply', '--yes');
    expect(ended.code, ended.stderr).toBe(0);
    const [web, database] = [`root@${here.web.host.address}`, `root@${here.database.host.address}`];
    const hops = named(ended, 'health').filter(({ hop }) => hop === 'mysql');
    expect(hops.map(({ host, ok }) => [host, ok]).toSorted()).toEqual(
      [
        [web, true],
        [database, true],
      ].toSorted(),
    );
    expect(hops.find(({ host }) => host === web)?.detail).toMatch(
      new RegExp(`as foobar_com@127\\.0\\.0\\.1, .* over TLS, on ${database}$`),
    );
    const steps = named(ended, 'step').map(({ host }) => host);
    expect(steps.lastIndexOf(database)).toBeLessThan(steps.indexOf(web));
    expect(ended.stdout).not.toMatch(/BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)/);
  });

  test('serve pages that store and read in that database', async () => {
    const { address } = here.web.host;
    const form = await ask(address, 'www.foobar.com', '/guestbook');
    const fields = { ...hiddenFields(form.body), name: 'A visitor', message: 'Hello from afar' };
    expect((await ask(address, 'www.foobar.com', '/guestbook', { fields, cookie: form.cookie })).status).toBeLessThan(400);
    expect((await ask(address, 'www.foobar.com', '/guestbook')).body).toContain('Hello from afar');
    const { stdout } = await exec(here.database.host, `mariadb foobar_com -BNe 'SELECT message FROM guestbook'`);
    expect(stdout).toBe('Hello from afar\n');
  });

  test('have no port open but those that are needed, and no key of the CA outside of the database server', async () => {
    const open = `ss -Hltn | awk '{ print $4 }' | grep -v ':22$' | sort | xargs`;
    const [web, database] = [await exec(here.web.host, open), await exec(here.database.host, open)];
    expect(web.stdout).toBe('0.0.0.0:80 127.0.0.1:3306 [::]:80\n');
    expect(database.stdout).toBe(`127.0.0.1:3306 ${here.database.host.address}:3307\n`);
    const keys = `cd ${secrets} && stat -c '%a %U' . * | sort -u | xargs; ls | grep -c authority-key; true`;
    expect((await exec(here.web.host, keys)).stdout).toBe('600 root 700 root\n0\n');
    expect((await exec(here.database.host, keys)).stdout).toBe('600 root 700 root\n1\n');
  });

  test('let nobody else in: not another address, not a client without a certificate, and no account but the application', async () => {
    const knock = (port: number) => `timeout 2 bash -c '</dev/tcp/${here.database.host.address}/${port}' 2>/dev/null; echo $?`;
    const { stdout } = await exec(
      here.web.host,
      `${[80, 443, 3306].map(knock).join('\n')}
       (sleep 1; echo) | timeout 5 openssl s_client -quiet -connect ${here.database.host.address}:3307 2>&1 | grep -c 'alert certificate required'
       for user in root mysql haproxy; do mariadb -u $user -e 'SELECT 1' 2>&1 | grep -o 'Access denied for user .[a-z]*'; done
       setpriv --reuid=nobody --clear-groups mariadb -u root -e 'SELECT 1' 2>&1 | grep -o 'Access denied'
       MYSQL_PWD=$(cat ${secrets}/foobar.com.database) mariadb -u foobar_com -BNe 'SHOW DATABASES' | xargs`,
    );
    const denied = ['root', 'mysql', 'haproxy'].map((user) => `Access denied for user '${user}`);
    expect(stdout).toBe(`${['124', '124', '124', '1', ...denied, 'Access denied', 'foobar_com information_schema'].join('\n')}\n`);
    // Another host: this machine's address on that link is not the web server's.
    const machine = await exec(here.database.host, `nft list table inet foobar_provision | grep 3307 | xargs`);
    expect(machine.stdout).toBe(`ip saddr ${here.web.host.address} tcp dport 3307 accept\n`);
  });

  test('are unchanged by the next run', async () => {
    const ended = await here.run('plan');
    expect([ended.code, changesIn(ended)]).toEqual([0, []]);
  });

  test('are repaired where somebody changed them, and there alone', async () => {
    const [web, database] = [`root@${here.web.host.address}`, `root@${here.database.host.address}`];
    await exec(here.web.host, `echo other >${secrets}/foobar.com.database; systemctl stop ${link}`);
    const first = await here.run('plan');
    expect(changesIn(first).filter((change) => change.startsWith(database))).toEqual([]);
    expect(changesIn(first)).toEqual(expect.arrayContaining([`${web} secret:foobar.com.database drift`, `${web} service:${link} drift`]));
    await exec(here.database.host, `mariadb -e "DROP USER foobar_com@'127.0.0.1'"; rm ${secrets}/fleet.authority-key`);
    const repaired = await here.run('apply', '--yes');
    expect(repaired.code, repaired.stderr).toBe(0);
    expect(changesIn(repaired)).toEqual(
      expect.arrayContaining([`${database} mysql-user:foobar_com drift`, `${database} fleet-certificate:fleet.authority drift`]),
    );
    expect((await here.run('plan')).code).toBe(0);
    expect(await ask(here.web.host.address, 'www.foobar.com', '/guestbook')).toMatchObject({ status: 200 });
  });

  test('the commands for the database and for the site each work on the right one', async () => {
    expect((await here.run('db export', 'dump.sql')).code).toBe(0);
    const listed = await here.run('releases');
    expect(named(listed, 'release').map(({ host }) => host)).toEqual([`root@${here.web.host.address}`]);
    const alone = await here.run('plan', '--host', here.web.host.address);
    expect(alone.events.at(-1)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('was not asked about its address') },
    });
  });
});
