import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { cli, folder, named } from './cli.ts';
import { exec, instanceOn, lab } from './host.ts';
import { php } from './packages.ts';

const site = (app: object, domain = 'foobar.com') => ({
  domain,
  php: { extensions: [] },
  database: { engine: 'none' },
  app: { source: 'app', ...app },
});

describe('the shared folders of a release', () => {
  const here = lab('trixie', { include: php });
  const app = folder({
    'foobar.config.json': JSON.stringify(site({})),
    'app/index.php': "<?php echo @file_get_contents(__DIR__ . '/content/theme/name'), ' ', implode(',', glob('content/uploads/*'));",
    'app/where.php':
      "<?php echo realpath('content/uploads'), ' ', count(glob('content/uploads/*')), ' ', (int) is_link('content/uploads');",
    'app/content/theme/name': 'plain',
    'app/content/uploads/sample': 'sample',
  });
  symlinkSync('content/uploads', join(app, 'app/pictures'));
  const visit = async () => (await ask(here.host.address, 'www.foobar.com'))?.body;
  const on = async (script: string) => (await exec(here.host, script)).stdout.trimEnd();
  const home = '/srv/www/foobar.com';
  const content = `${home}/shared/content`;
  const page = async (path: string) => ask(here.host.address, 'www.foobar.com', path);

  /** Applies another configuration of the same files, whose plan names a release and afterwards nothing. */
  const change = async (options: object) => {
    writeFileSync(join(app, 'foobar.config.json'), JSON.stringify(site(options)));
    const planned = await cli(here.host, 'plan', [], { cwd: app });
    const fills = named(planned, 'change').filter(({ resource }) => String(resource).startsWith('release:'));
    expect(fills).toMatchObject([{ action: 'create', summary: 'copy the same files, with other shared or writable paths or hooks' }]);
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
    const next = await cli(here.host, 'plan', [], { cwd: app });
    expect(named(next, 'change')).toEqual([]);
  };

  test('there are none at first', async () => {
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
    expect(await visit()).toBe('plain content/uploads/sample');
  });

  test('a folder that is named later is shared by the next run, and is writable', async () => {
    await change({ shared: ['content/uploads'] });
    await on(
      `setpriv --reuid=foobar_com --regid=foobar_com --clear-groups sh -c 'echo mine >${content}/uploads/mine; echo changed >${content}/uploads/sample'`,
    );
    expect(await visit()).toBe('plain content/uploads/mine,content/uploads/sample');
  });

  test('the application sees it as a folder of its own, and visitors get its files', async () => {
    expect((await page('/where.php'))?.body).toBe(`${home}/current/content/uploads 2 0`);
    expect((await page('/content/uploads/sample'))?.body).toBe('changed\n');
    expect((await page('/pictures/mine'))?.body).toBe('mine\n');
    expect((await page('/content/uploads/none'))?.body).toBe('plain content/uploads/mine,content/uploads/sample');
  });

  test('a folder that the site replaces by a link is not mounted, and a volume in its place is', async () => {
    const { unit } = await instanceOn(here.host);
    const restart = async (before: string) =>
      on(
        `cd ${content}; ${before}; systemctl reset-failed ${unit}; systemctl restart ${unit} 2>/dev/null; systemctl show -P Result ${unit}`,
      );
    await on('mkdir -p /srv/www/other/uploads; touch /srv/www/other/uploads/secret');
    expect(await restart('mv uploads kept; ln -s /srv/www/other/uploads uploads')).toBe('exit-code');
    expect(await on(`journalctl -q -o cat -u ${unit} | grep link`)).toContain(
      `${content}/uploads, or a folder above it, was replaced by a link, which is not followed.`,
    );
    expect(await restart('rm uploads')).toBe('success');
    expect(await visit()).toBe('plain ');
    expect(await restart('mkdir uploads; mount -t tmpfs none uploads; touch uploads/big')).toBe('success');
    expect(await visit()).toBe('plain content/uploads/big');
    expect((await page('/content/uploads/big'))?.status).toBe(200);
    expect(await restart('umount uploads; rmdir uploads; mv kept uploads; rm -r /srv/www/other')).toBe('success');
    expect(await visit()).toBe('plain content/uploads/mine,content/uploads/sample');
  });

  test('the folder around it gets the files of the release, and nothing in it is overwritten', async () => {
    await change({ shared: ['content'] });
    expect(await visit()).toBe('plain content/uploads/mine,content/uploads/sample');
    expect(await on(`cat ${content}/uploads/sample; stat -c %U ${content}/theme/name`)).toBe('changed\nfoobar_com');
    // It is the site's from now on: what is deleted there does not come back.
    await on(`rm -r ${content}/theme`);
    writeFileSync(join(app, 'app/new.php'), '<?php');
    const ended = await cli(here.host, 'deploy', [], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
    expect(await visit()).toBe(' content/uploads/mine,content/uploads/sample');
  });

  test('a folder that is no longer shared belongs to the release again', async () => {
    await change({ shared: ['content/uploads'], writable: ['content/cache of pages'] });
    expect(await visit()).toBe('plain content/uploads/mine,content/uploads/sample');
    expect(await on(`stat -c '%U %F' '${home}/current/content/cache of pages' ${home}/current/content/theme`)).toBe(
      'foobar_com directory\nroot directory',
    );
  });

  test("they stay the site's if its number now belongs to a system account", async () => {
    await on(
      'useradd --system --uid 555 cache; chown -R 555 /srv/www/foobar.com/shared/content; chown 1000 /srv/www/foobar.com/shared/content/uploads/sample',
    );
    const planned = await cli(here.host, 'plan', [], { cwd: app });
    expect(named(planned, 'change')).toMatchObject([
      {
        resource: 'user:foobar_com',
        summary: expect.stringContaining('take over the files in /srv/www/foobar.com/shared of number 555, which is cache'),
      },
    ]);
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: app });
    expect(ended.code, ended.stderr).toBe(0);
    expect(await on(`stat -c %U ${content}/uploads ${content}/uploads/mine`)).toBe('foobar_com\nfoobar_com');
    expect(named(await cli(here.host, 'plan', [], { cwd: app }), 'change')).toEqual([]);
  });

  test('they belong to nobody else if the first run of a site is rolled back', async () => {
    const other = folder({
      'foobar.config.json': JSON.stringify(site({ shared: ['logs'] }, 'two.test')),
      'app/index.php': '<?php http_response_code(500);',
    });
    const failed = await cli(here.host, 'apply', ['--yes'], { cwd: other });
    expect(failed.code).toBe(5);
    const owners = () => on('stat -c "%U %G" /srv/www/two.test/shared/logs; getent passwd two_test | cut -d : -f 7');
    expect(await owners()).toBe('two_test two_test\n/usr/sbin/nologin');
    writeFileSync(join(other, 'app/index.php'), "<?php echo file_put_contents('logs/x', 'x');");
    const ended = await cli(here.host, 'apply', ['--yes'], { cwd: other });
    expect(ended.code, ended.stderr).toBe(0);
    expect((await ask(here.host.address, 'www.two.test'))?.body).toBe('1');
    expect(named(await cli(here.host, 'plan', [], { cwd: other }), 'change')).toEqual([]);
  });
});
