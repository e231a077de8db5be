import { describe, expect, test } from 'vitest';
import { powerCut } from '../../src/sandbox/index.ts';
import { named } from '../lab/cli.ts';
import { exec } from '../lab/host.ts';
import { stack } from '../lab/packages.ts';
import { pair } from '../lab/pair.ts';
import { ask, hiddenFields } from '../lab/visitor.ts';

const guestbook = `mariadb foobar_com -BNe 'SELECT message FROM guestbook'`;

describe.sequential('a web server and a server for its database', () => {
  const here = pair({ include: stack });
  const isApplied = async () => {
    const ended = await here.run('apply', '--yes');
    expect(ended.code, ended.stderr + ended.stdout.slice(-1500)).toBe(0);
    const plan = await here.run('plan');
    expect([plan.code, named(plan, 'change')]).toEqual([0, []]);
  };

  test('the database moves to a server of its own, and its data with it', async () => {
    await exec(here.database.host, 'systemctl disable -q --now nginx');
    const host = { upgrades: false, limits: false, passwords: false, integrity: false };
    await here.connect({ host, servers: undefined, server: `root@${here.web.host.address}` });
    const alone = await here.run('apply', '--yes');
    expect(alone.code, alone.stderr).toBe(0);
    const { address } = here.web.host;
    const form = await ask(address, 'www.foobar.com', '/guestbook');
    const fields = { ...hiddenFields(form.body), name: 'A visitor', message: 'Written before the move' };
    await ask(address, 'www.foobar.com', '/guestbook', { fields, cookie: form.cookie });
    expect((await here.run('maintenance on')).code).toBe(0);
    expect((await here.run('db export', 'before.sql.gz')).code).toBe(0);
    here.configure({ host });
    const moved = await here.run('apply', '--yes');
    // The new database is empty, so the application may not be healthy yet.
    expect([0, 6], `${moved.stderr}${moved.stdout.slice(-1500)}`).toContain(moved.code);
    expect((await here.run('db import', 'before.sql.gz', '--yes')).code).toBe(0);
    expect((await here.run('maintenance off')).code).toBe(0);
    expect((await here.run('verify')).code).toBe(0);
    expect((await ask(address, 'www.foobar.com', '/guestbook')).body).toContain('Written before the move');
    expect((await exec(here.database.host, guestbook)).stdout).toBe('Written before the move\n');
    // The old data is still there.
    expect((await exec(here.web.host, 'systemctl is-active mariadb; ls -d /var/lib/mysql/foobar_com')).stdout).toBe(
      'inactive\n/var/lib/mysql/foobar_com\n',
    );
    await isApplied();
  });

  test('a password that is gone from the database server is replaced on both in one run', async () => {
    const secret = '/etc/foobar-provision/secrets/foobar.com.database';
    const before = (await exec(here.web.host, `cat ${secret}`)).stdout;
    await exec(here.database.host, `rm ${secret}`);
    await isApplied();
    const after = await Promise.all([here.web.host, here.database.host].map(async (host) => (await exec(host, `cat ${secret}`)).stdout));
    expect(after[0]).toBe(after[1]);
    expect(after[0]).not.toBe(before);
    expect((await here.run('verify')).code).toBe(0);
  });

  test('a server without power stops the next run before it changes the other, and comes back with its link', async () => {
    await exec(here.web.host, 'rm /etc/nginx/snippets/foobar-headers.conf');
    await powerCut(here.database.host.name);
    const ended = await here.run('apply', '--yes');
    expect(ended.code).toBe(4);
    expect((await exec(here.web.host, 'ls /etc/nginx/snippets/foobar-headers.conf')).code).not.toBe(0);
    await here.database.reboot();
    await isApplied();
  });
});
