import { beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../lab/ask.ts';
import { cli, folder, named } from '../lab/cli.ts';
import { differences, fingerprint } from '../lab/fingerprint.ts';
import { exec, lab } from '../lab/host.ts';

const lean = { upgrades: false, limits: false, passwords: false, integrity: false, ssh: false, firewall: false };
const home = folder({ 'foobar.config.json': JSON.stringify({ host: lean, php: { extensions: [] }, https: false }) });

describe("a host whose owner has put the database's and Nginx's files elsewhere", () => {
  const here = lab('trixie', { include: ['nginx', 'mariadb-server'] });
  const run = (command: string, ...args: string[]) => cli(here.host, command, args, { cwd: home });
  const sh = async (script: string) => (await exec(here.host, script)).stdout;
  const pids = () => sh('systemctl show --property=MainPID --value nginx mariadb');
  const own = async () => (await ask(here.host.address, 'own.test', '/', 8081))?.body;

  /** Nothing was changed, no service was restarted, and the reason is told. */
  async function isRefused(code: number, ...reasons: readonly string[]): Promise<void> {
    const [before, served] = [await fingerprint(here.host), await pids()];
    const ended = await run('apply', '--yes');
    expect(ended.code, ended.stderr).toBe(code);
    const said = JSON.stringify(ended.events.at(-1));
    for (const reason of reasons) expect(said).toContain(reason);
    expect(differences(before, await fingerprint(here.host))).toEqual([]);
    expect(await pids()).toBe(served);
  }

  beforeAll(async () => {
    // A MariaDB that is stopped while it starts does not stop.
    await sh(`systemctl start mariadb; systemctl stop mariadb
mkdir -p /data/binlog /data/run /home/bob/site /data/logs /mnt/cache
mv /var/lib/mysql /data/mysql; ln -s /data/mysql /var/lib/mysql; chown mysql: /data/binlog
printf '[mariadbd]\\ndatadir=/data/mysql\\nlog_bin=/data/binlog/bin\\nslow_query_log_file=/data/binlog/slow.log\\n' >/etc/mysql/mariadb.conf.d/99-own.cnf
echo theirs >/home/bob/site/index.html; chmod 0711 /home/bob; ln -s /home/bob/site /var/www/bob
printf 'proxy_cache_path /mnt/cache/own keys_zone=own:1m;\\nserver { listen 8081; root /var/www/bob; access_log /data/logs/own.log; }\\n' >/etc/nginx/sites-enabled/own.conf
systemctl restart nginx mariadb`);
    expect(await own()).toBe('theirs\n');
  });

  test('keeps them, and what its owner serves, with hardening', async () => {
    const first = await run('apply', '--yes');
    expect(first.code, first.stderr).toBe(0);
    expect(await own()).toBe('theirs\n');
    expect(await sh('mariadb -BN -e "SELECT @@datadir, @@log_bin_basename"')).toBe('/data/mysql/\t/data/binlog/bin\n');
    expect(named(await run('plan'), 'change')).toEqual([]);
    await here.reboot();
    expect(
      await sh('systemctl is-system-running --wait; systemctl is-active nginx mariadb; test -s /data/logs/own.log && echo logged'),
    ).toBe('running\nactive\nactive\nlogged\n');
    expect(await own()).toBe('theirs\n');
    expect((await ask(here.host.address, 'www.foobar.com'))?.status).toBe(200);
  });

  test('the hardening opens no more than these need', async () => {
    const opened = await sh(
      "grep -hE '^ReadWritePaths=\"|ProtectHome|PrivateTmp' /etc/systemd/system/nginx.service.d/10-* /etc/systemd/system/mariadb.service.d/10-*",
    );
    expect(opened.split('\n')).toEqual([
      'ReadWritePaths="-/data/logs" "-/mnt/cache/own"',
      'ProtectHome=read-only',
      'PrivateTmp=yes',
      'ReadWritePaths="-/data/binlog" "-/data/mysql"',
      'ProtectHome=yes',
      'PrivateTmp=yes',
      '',
    ]);
  });

  test("root's own .my.cnf has no effect", async () => {
    await sh("printf '[client]\\nuser=nobody\\npassword=x\\nhost=198.51.100.1\\n' >/root/.my.cnf");
    const plan = await run('plan');
    expect([plan.code, named(plan, 'change')]).toEqual([0, []]);
    await sh('rm /root/.my.cnf');
  });

  test('a database that admits root only with a password is refused, with advice', async () => {
    await sh(`mariadb -e "ALTER USER root@localhost IDENTIFIED BY 'theirs'"; printf '[client]\\npassword=theirs\\n' >/root/.my.cnf`);
    await isRefused(1, "does not let the system's root log in", 'ALTER USER root@localhost IDENTIFIED VIA unix_socket', 'ERROR 1045');
    await sh('mariadb -e "ALTER USER root@localhost IDENTIFIED VIA unix_socket"; rm /root/.my.cnf');
    expect((await run('plan')).code).toBe(0);
  });

  test('a socket in /tmp, which no site sees, is refused', async () => {
    await sh("printf '[mariadbd]\\nsocket=/tmp/mysql.sock\\n' >/etc/mysql/mariadb.conf.d/98-own.cnf");
    await isRefused(1, '/tmp/mysql.sock, which no site can see');
    await sh('rm /etc/mysql/mariadb.conf.d/98-own.cnf');
  });

  test('a database that its unit would not let write is noticed before it is restarted', async () => {
    await sh(`printf '[Service]\\nReadOnlyPaths=/data/binlog\\n' >/etc/systemd/system/mariadb.service.d/50-own.conf
systemctl daemon-reload; rm /etc/mysql/mariadb.conf.d/90-foobar-provision.cnf`);
    await isRefused(5, 'check mariadbd', '/data/binlog');
    await sh('rm /etc/systemd/system/mariadb.service.d/50-own.conf; systemctl daemon-reload');
    expect((await run('apply', '--yes')).code).toBe(0);
  });

  test('an Nginx that its unit would not let start is noticed before it is restarted', async () => {
    await sh(`printf '[Service]\\nReadOnlyPaths=/data/logs\\n' >/etc/systemd/system/nginx.service.d/50-own.conf
systemctl daemon-reload; rm /etc/nginx/conf.d/foobar-provision.conf`);
    await isRefused(5, 'check nginx -t', 'Read-only file system');
    await sh('rm /etc/systemd/system/nginx.service.d/50-own.conf; systemctl daemon-reload');
    expect((await run('apply', '--yes')).code).toBe(0);
  });

  test("destroy leaves everything that is the owner's", async () => {
    const gone = await run('destroy', '--yes', '--allow-destroy');
    expect(gone.code, gone.stderr).toBe(0);
    expect(await own()).toBe('theirs\n');
    expect(await sh('mariadb -BN -e "SELECT @@datadir"')).toBe('/data/mysql/\n');
  });
});
