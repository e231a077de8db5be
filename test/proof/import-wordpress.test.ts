import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { begin, folder } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { oldPackages, wordsForBoth } from '../lab/old-server.ts';
import { stack } from '../lab/packages.ts';
import { ask } from '../lab/visitor.ts';
import { wordpressFolder } from '../lab/wordpress/folder.ts';

const password = 'correct horse battery staple 7';

/** A site as a tutorial sets it up: Nginx, PHP-FPM, MariaDB, and WordPress in /var/www. */
const server = `set -e
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -qq; apt-get install -qq -y --no-install-recommends php8.4-gd php8.4-xml php8.4-mbstring; } >/dev/null 2>&1
rm -f /etc/nginx/sites-enabled/default
cat >/etc/nginx/sites-enabled/blog <<'END'
server {
  listen 80;
  server_name blog.test;
  root /var/www/blog;
  index index.php;
  location / {
    try_files $uri $uri/ /index.php?$args;
  }
  location ~ \\.php$ {
    include snippets/fastcgi-php.conf;
    fastcgi_pass unix:/run/php/php8.4-fpm.sock;
  }
}
END
mariadb -e "CREATE DATABASE blog; CREATE USER blog@localhost IDENTIFIED BY 'from the old server'; GRANT ALL ON blog.* TO blog@localhost"
chown -R www-data: /var/www/blog
systemctl restart php8.4-fpm nginx`;

const settings = `<?php
define( 'DB_NAME', 'blog' );
define( 'DB_USER', 'blog' );
define( 'DB_PASSWORD', 'from the old server' );
define( 'DB_HOST', 'localhost' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'DISABLE_WP_CRON', true );
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ) {
  define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
`;

/** What an editor does: pretty addresses, a post, and a picture in it. */
const editor = `<?php
require '/var/www/blog/wp-load.php';
require ABSPATH . 'wp-admin/includes/image.php';
update_option('permalink_structure', '/%year%/%postname%/');
flush_rewrite_rules();
$picture = imagecreatetruecolor(900, 600);
ob_start();
imagejpeg($picture);
$file = wp_upload_bits('beach.jpg', null, ob_get_clean());
$id = wp_insert_attachment(['post_mime_type' => 'image/jpeg', 'post_title' => 'Beach'], $file['file']);
wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file['file']));
wp_insert_post(['post_title' => 'Summer 😀 at sea', 'post_name' => 'summer-at-sea', 'post_status' => 'publish', 'post_date' => '2024-07-01 10:00:00', 'post_content' => 'Written on the old server. ' . wp_get_attachment_image($id, 'large')]);
echo $file['url'], "\\n";
`;

describe('a WordPress on a server of Nginx and MariaDB', () => {
  const old = lab('trixie', { include: oldPackages });
  const next = lab('trixie', { include: stack });
  const cwd = folder();
  let unpacked = '';
  let picture = '';
  afterAll(() => (unpacked === '' ? undefined : rm(unpacked, { recursive: true })));

  test('is set up by its own installer, with a post, a picture and pretty addresses', async () => {
    unpacked = await wordpressFolder('trixie');
    await writeFile(join(unpacked, 'app/wp-config.php'), settings);
    await cp(join(unpacked, 'app'), join(old.host.root, 'var/www/blog'), { recursive: true });
    expect((await exec(old.host, server)).stderr).toBe('');
    const fields = {
      weblog_title: 'From the old server',
      user_name: 'editor',
      admin_password: password,
      admin_password2: password,
      admin_email: 'editor@blog.test',
    };
    expect((await ask(old.host.address, 'blog.test', '/wp-admin/install.php?step=2', { fields })).body).toContain('Success!');
    await writeFile(join(old.host.root, 'root/editor.php'), editor);
    const done = await exec(old.host, 'runuser -u www-data -- php8.4 </root/editor.php');
    picture = new URL(done.stdout.trim()).pathname;
    expect(picture, done.stderr).toMatch(/^\/wp-content\/uploads\/\d+\/\d+\/beach\.jpg$/);
  });

  test('moves with one command, and serves the same at the same addresses', async () => {
    const key = (await exec(next.host, 'cat /root/.ssh/authorized_keys')).stdout;
    await exec(old.host, `cat >>/root/.ssh/authorized_keys <<'END'\n${key}END\n`);
    const words = [
      ...wordsForBoth(old.host, next.host, cwd),
      '--server',
      `root@${next.host.address}`,
      '--site',
      'blog.test',
      '--yes',
      '--json',
    ];
    const ended = await begin(['import', ...words], { cwd }).ended;
    expect(ended.code, ended.stderr).toBe(0);
    const visited = async (address: string) => {
      const pages = await Promise.all(
        ['/', '/2024/summer-at-sea/', picture, picture.replace('.jpg', '-300x200.jpg'), '/no-such-page/', '/wp-json/wp/v2/posts'].map(
          (path) => ask(address, 'blog.test', path),
        ),
      );
      return pages.map(({ status, body }) => [status, body.replaceAll(/nonce":"\w+"|"nonce":"\w+"|_wpnonce=\w+/g, '')]);
    };
    const there = await visited(next.host.address);
    expect(there.map(([status]) => status)).toEqual([200, 200, 200, 200, 404, 200]);
    expect(there[1]?.[1]).toContain('Written on the old server.');
    expect(there).toEqual(await visited(old.host.address));
  });

  test('lets its editor log in and write, with the password and database of its own', async () => {
    const login = { log: 'editor', pwd: password, testcookie: '1' };
    const entered = await ask(next.host.address, 'blog.test', '/wp-login.php', {
      fields: login,
      cookie: 'wordpress_test_cookie=WP%20Cookie%20check',
    });
    expect([entered.status, entered.cookie]).toEqual([302, expect.stringContaining('wordpress_logged_in')]);
    const users = await ask(next.host.address, 'blog.test', '/wp-admin/edit.php', { cookie: entered.cookie });
    expect([users.status, users.body.includes('Summer')]).toEqual([200, true]);
    const found = await exec(
      next.host,
      `grep -rlF 'from the old server' /srv/www /etc/foobar-provision; mariadb -N -e "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'blog_test'"`,
    );
    expect(found.stdout).toBe('12\n');
    const planned = await begin(
      ['plan', `root@${next.host.address}`, '--identity', next.host.identity, '--known-hosts', next.host.knownHosts, '--json'],
      { cwd },
    ).ended;
    expect(planned.code, planned.stdout).toBe(0);
  });
});
