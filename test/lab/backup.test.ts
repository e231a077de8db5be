import { describe, expect, test } from 'vitest';
import { backedUpSite, contentOf } from './backup.ts';
import { cli, named } from './cli.ts';
import { exec, lab } from './host.ts';
import { stack } from './packages.ts';

describe('backups in a folder of the host', () => {
  const here = lab('trixie', { include: stack });
  const cwd = backedUpSite('/mnt/backups');

  test('are made, tested by a drill and listed, and do not follow links', { timeout: 240_000 }, async () => {
    await exec(here.host, 'mkdir /mnt/backups');
    const applied = await cli(here.host, 'apply', ['--yes'], { cwd });
    expect(applied.code, applied.stderr).toBe(0);
    await exec(
      here.host,
      'cd /srv/www/shop.test/shared && setpriv --reuid=shop_test --clear-groups sh -c \'mkdir up; head -c 900000 /dev/urandom >up/a; ln -s /etc/shadow up/link; echo é >"up/with space"\'',
    );
    const stored = await cli(here.host, 'env', ['set', 'TOKEN'], { cwd, input: 'kept apart\n' });
    expect(stored.code, stored.stderr).toBe(0);
    const now = await cli(here.host, 'backup', ['now'], { cwd });
    expect(now.code, now.stderr).toBe(0);
    const drill = await cli(here.host, 'backup', ['drill'], { cwd });
    expect(drill.code, drill.stderr).toBe(0);
    expect(named(drill, 'backup')).toEqual([
      expect.objectContaining({ site: 'shop.test', reason: 'manual', provenAt: expect.any(String) }),
    ]);
    const archive = "/usr/local/lib/foobar-provision/backup shop.test extract shop.test ''";
    const variable = await exec(here.host, `${archive} | tar -xOf - site/about/secrets/variables/values/TOKEN`);
    expect(variable.stdout.trim()).toBe('kept apart');
    const left = await exec(
      here.host,
      'systemctl list-units --no-legend "foobar-provision-drill*"; ls /var/lib/foobar-provision/backup-drill; ls /run/systemd/system | grep drill',
    );
    expect(left.stdout).toBe('');
    const verified = await cli(here.host, 'verify', [], { cwd });
    expect(named(verified, 'health').find(({ hop }) => hop === 'backup')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/ proven 0 min ago: \d+ rows, 3 files$/),
    });
  });

  test('are restored byte for byte', { timeout: 240_000 }, async () => {
    const before = await contentOf(here.host);
    await exec(here.host, 'rm -r /srv/www/shop.test/shared/up; mariadb shop_test -e "DROP TABLE guestbook; CREATE TABLE newer (id INT)"');
    expect(await contentOf(here.host)).not.toBe(before);
    const restored = await cli(here.host, 'backup', ['restore', '--yes'], { cwd });
    expect(restored.code, restored.stderr).toBe(0);
    expect(await contentOf(here.host)).toBe(before);
  });
});
