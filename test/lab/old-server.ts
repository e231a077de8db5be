import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { stack } from './packages.ts';

/** The packages of an old server. Other tests use the same set, so that no base system has to be built for it. Apache is installed later. */
export const oldPackages = [...stack, 'gunicorn', 'cron', 'at', 'acl', 'attr'];

/** Returns the words with which a command reaches both servers: one key, and one list of known hosts, which is written below `cwd`. */
export function wordsForBoth(old: Sandbox, next: Sandbox, cwd: string): readonly string[] {
  const known = join(cwd, 'known_hosts');
  writeFileSync(known, readFileSync(old.knownHosts, 'utf8') + readFileSync(next.knownHosts, 'utf8'));
  return [`root@${old.address}`, '--identity', next.identity, '--known-hosts', known];
}

/** Names of files that are hard to copy. */
export const oddNames = ['a space.jpg', 'two\nlines.txt', 'quote\'s "and" $HOME \\.txt', 'ünï 汉字.png', '-rf', '*.txt'];

/**
 * Returns a script that sets up a shop as people did by hand years ago: with the files that make a WordPress, served by Apache. It has `rows`
 * rows of about 16 kB, and `uploads` pictures of 100 kB.
 */
export function shopScript({ rows = 50, uploads = 20 } = {}): string {
  return `set -e
rm -f /etc/nginx/sites-enabled/default
systemctl stop nginx
export DEBIAN_FRONTEND=noninteractive
command -v apache2 >/dev/null || { apt-get update -qq; apt-get install -qq -y --no-install-recommends apache2 libapache2-mod-php >/dev/null 2>&1; }
mkdir -p /var/www/shop/wp-content/uploads/2024 /var/www/shop/wp-content/themes/plain /var/www/shop/internal
cd /var/www/shop
printf '<?php\\n' >wp-load.php
printf '<?php\\n' >wp-settings.php
cat >wp-config.php <<'END'
<?php
define( 'DB_NAME', 'shop' );
define( 'DB_USER', 'shop' );
define( 'DB_PASSWORD', 'it\\'s "old" \\\\ $secret#1' );
define( 'DB_HOST', '127.0.0.1' );
define( 'AUTH_KEY', 'some salt' );
END
cat >index.php <<'END'
<?php
require __DIR__ . '/wp-config.php';
$db = new mysqli(DB_HOST, DB_USER, DB_PASSWORD, DB_NAME);
$db->set_charset('utf8mb4');
[$count, $last] = $db->query('SELECT COUNT(*), MAX(title) FROM posts_view')->fetch_row();
echo "<!doctype html><title>Shop</title><h1>", $count, " posts, the last is ", $last, "</h1>";
foreach (array_diff(scandir(__DIR__ . '/wp-content/uploads/2024'), ['.', '..']) as $file) echo htmlspecialchars($file), ' ', md5_file(__DIR__ . "/wp-content/uploads/2024/$file"), "<br>";
END
printf 'cron ran\\n' >internal/note.txt
printf 'body { color: red }\\n' >wp-content/themes/plain/style.css
printf 'RewriteEngine On\\nRewriteRule ^old-page$ /new-page [R=301,L]\\n' >.htaccess
cd wp-content/uploads/2024
${oddNames.map((name) => `printf '%s' ${quoted(name)} >./${quoted(name)}`).join('\n')}
for n in $(seq ${uploads}); do head -c 100000 /dev/urandom >"picture $n.jpg"; done
mkdir /srv/media && printf big >/srv/media/film.mp4 && ln -s /srv/media /var/www/shop/wp-content/uploads/media
ln -s 2024/a\\ space.jpg /var/www/shop/wp-content/uploads/latest
mkdir /var/www/shop/wp-content/uploads/empty
ln -s /etc/shadow /var/www/shop/wp-content/uploads/planted
chown -R www-data:www-data /var/www/shop /srv/media
cat >/etc/apache2/sites-available/shop.conf <<'END'
<VirtualHost *:80>
  ServerName shop.test
  ServerAlias www.shop.test store.test
  DocumentRoot /var/www/shop
  Redirect permanent /legacy/ https://archive.test/
  Header set X-Shop "yes"
  php_admin_value upload_max_filesize 64M
  php_admin_value post_max_size 70M
  <Directory /var/www/shop>
    AllowOverride All
    Require all granted
  </Directory>
  <Directory /var/www/shop/internal>
    Require all denied
  </Directory>
  <Location /staff>
    AuthType Basic
    AuthName "Staff"
    Require valid-user
  </Location>
</VirtualHost>
END
a2enmod -q headers rewrite >/dev/null
a2dissite -q 000-default >/dev/null
a2ensite -q shop >/dev/null
printf '%s\\n' 'MAILTO=me@shop.test' '*/5 * * * * /usr/bin/php8.4 /var/www/shop/wp-cron.php >/dev/null 2>&1' '@reboot touch /tmp/x' | crontab -u www-data -
systemctl restart apache2 mariadb
mariadb --default-character-set=utf8mb4 <<'END'
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;
CREATE USER shop@localhost IDENTIFIED BY 'it\\'s "old" \\\\ $secret#1';
CREATE USER shop@127.0.0.1 IDENTIFIED BY 'it\\'s "old" \\\\ $secret#1';
GRANT ALL ON shop.* TO shop@localhost, shop@127.0.0.1;
USE shop;
CREATE TABLE posts (id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(190) NOT NULL, body LONGTEXT, picture BLOB);
CREATE DEFINER=root@localhost VIEW posts_view AS SELECT * FROM posts;
CREATE DEFINER=root@localhost TRIGGER shout BEFORE INSERT ON posts FOR EACH ROW SET NEW.title = UPPER(NEW.title);
INSERT INTO posts (title, body, picture) SELECT CONCAT('ärger ', seq, ' 😀'), REPEAT(MD5(RAND()), 500), UNHEX(MD5(seq)) FROM seq_1_to_${rows};
END`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Returns a script that sets up a blog in Laravel's layout beside the shop: Nginx on another port, a pool of its own, and an `.env` file. */
export const blogScript = `set -e
useradd --create-home --shell /bin/bash blog
install -d -o blog -g blog /home/blog/app /home/blog/app/public /home/blog/app/bootstrap /home/blog/app/storage/app/public/pictures
cd /home/blog/app
printf '<?php\\n' >artisan
printf '<?php\\n' >bootstrap/app.php
printf '{"require": {"php": "^8.2"}}' >composer.json
cat >.env <<'END'
APP_KEY=base64:c2VjcmV0
DB_CONNECTION=mysql
DB_HOST=localhost
DB_PORT=3306
DB_DATABASE=blog_db
DB_USERNAME=blog_user
DB_PASSWORD="p4ss #word" # the old one
END
cat >public/index.php <<'END'
<?php
foreach (file(__DIR__ . '/../.env') as $line) if (preg_match('/^(\\w+)=(?:"(.*?)"|([^#\\s]*))/', $line, $found)) $settings[$found[1]] ??= $found[2] ?: $found[3] ?? '';
$db = new PDO("mysql:host=$settings[DB_HOST];dbname=$settings[DB_DATABASE]", $settings['DB_USERNAME'], $settings['DB_PASSWORD']);
echo '<!doctype html><title>Blog</title>', $db->query('SELECT GROUP_CONCAT(word) FROM words')->fetchColumn(), ' ', file_get_contents(__DIR__ . '/../storage/app/public/pictures/one.txt'), ' ', $settings['APP_KEY'];
END
printf 'a picture' >storage/app/public/pictures/one.txt
ln -s ../storage/app/public public/storage
chown -R blog:blog /home/blog
chmod 750 /home/blog
adduser -q www-data blog 2>/dev/null || usermod -aG blog www-data
sed -e 's/^\\[www\\]/[blog]/; s/^user = .*/user = blog/; s/^group = .*/group = blog/; s|^listen = .*|listen = /run/php/blog.sock|' /etc/php/8.4/fpm/pool.d/www.conf >/etc/php/8.4/fpm/pool.d/blog.conf
printf 'php_admin_value[memory_limit] = 256M\\nenv[EXTRA_KEY] = abc\\n' >>/etc/php/8.4/fpm/pool.d/blog.conf
mkdir -p /etc/nginx/sites-enabled /etc/nginx/snippets
rm -f /etc/nginx/sites-enabled/default
printf 'add_header X-Robots-Tag noindex;\\n' >/etc/nginx/snippets/blog-headers.conf
cat >/etc/nginx/sites-enabled/blog <<'END'
server {
  listen 8080;
  server_name blog.test;
  root /home/blog/app/public;
  index index.php;
  client_max_body_size 32m;
  include snippets/blog-headers.conf;
  rewrite ^/feed/(.*)$ /rss/$1 permanent;
  location / {
    try_files $uri $uri/ /index.php?$query_string;
  }
  location = /old.html {
    return 301 /new;
  }
  location /drafts {
    deny all;
  }
  location ~* \\.(?:bak|sql)$ {
    return 404;
  }
  location /live/ {
    proxy_pass http://127.0.0.1:6001;
    proxy_http_version 1.1;
  }
  location /staff {
    auth_basic "Staff";
    auth_basic_user_file /etc/nginx/staff;
  }
  location ~ \\.php$ {
    include fastcgi_params;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    fastcgi_pass unix:/run/php/blog.sock;
  }
}
END
printf '%s\\n' '* * * * * cd /home/blog/app && php artisan schedule:run >> /dev/null 2>&1' | crontab -u blog -
mkdir -p /etc/supervisor/conf.d
printf '[program:blog-queue]\\ncommand=php /home/blog/app/artisan queue:work\\nnumprocs=2\\nuser=blog\\n' >/etc/supervisor/conf.d/blog.conf
systemctl restart php8.4-fpm nginx
mariadb --default-character-set=utf8mb4 <<'END'
CREATE DATABASE blog_db CHARACTER SET utf8mb4;
CREATE USER blog_user@localhost IDENTIFIED BY 'p4ss #word';
GRANT ALL ON blog_db.* TO blog_user@localhost;
USE blog_db;
CREATE TABLE words (word VARCHAR(190));
CREATE TABLE old_table (id INT PRIMARY KEY) ENGINE=MyISAM;
INSERT INTO words VALUES ('één'), ('zwei 😀');
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
END`;

/**
 * Prints every file of a server that is not its logs, caches or running state: its type, mode, owner, size, time of modification and
 * target, and the SHA-256 of its content.
 */
export const treeScript = `cd /
find etc home root srv usr/local var opt \\( -path var/log -o -path var/lib/systemd -o -path var/cache -o -path var/tmp -o -path var/lib/mysql -o -path var/lib/mariadb \\) -prune -o -printf '%y %m %U %G %s %T@ %p %l\\n' | sort
find etc home root srv usr/local var/www var/spool -type f -exec sha256sum {} + | sort`;
