# What a careful person would write by hand for one trixie host: run as `ssh host bash -s`.
# It installs and configures the same packages, files, accounts and database as the main job with the bundled site.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends mariadb-server nginx tzdata php8.4-fpm php8.4-mysql php8.4-curl php8.4-gd php8.4-intl php8.4-mbstring php8.4-xml php8.4-zip >/dev/null

echo Etc/UTC >/etc/timezone
echo LANG=C.UTF-8 >/etc/locale.conf
useradd --system --user-group --no-create-home --home-dir /srv/www/foobar.com --shell /usr/sbin/nologin foobar_com
mkdir -p /srv/www/foobar.com/releases/1 /srv/www/foobar.com/sessions /srv/www/foobar.com/proof/.well-known /var/log/php/foobar.com /etc/nginx/site.d/foobar.com
tar -xzf /root/site.tgz -C /srv/www/foobar.com/releases/1
chown -R root:root /srv/www/foobar.com/releases/1
ln -sfn releases/1 /srv/www/foobar.com/current
mkdir -p /srv/www/foobar.com/shared; chown foobar_com:www-data /srv/www/foobar.com/shared; chmod 0750 /srv/www/foobar.com/shared
chown foobar_com: /srv/www/foobar.com/sessions /var/log/php/foobar.com

tar -xzf /root/etc.tgz -C /
instance=$(echo /etc/foobar-provision/instances/foobar.com/*)
password=$(sed -n 's/^DB_PASSWORD=//p' "$instance/environment" | tr -d "\"'")
rules=$(echo /etc/nginx/foobar-rules/foobar.com/*)
ln -s "${rules##*/}" /etc/nginx/foobar-rules/foobar.com/now
mkdir -p /srv/www/foobar.com/served/1
ln -s ../../releases/1 /srv/www/foobar.com/served/1/files
ln -s ../../releases/1.sock /srv/www/foobar.com/served/1/socket
ln -s served/1 /srv/www/foobar.com/live
ln -s /srv/www/foobar.com/live "$rules/live"
ln -s live/files/public "$rules/previous"
rm -f /etc/nginx/sites-enabled/default
ln -sf ../sites-available/foobar-default.conf ../sites-available/foobar.com.conf /etc/nginx/sites-enabled/

nginx -t -q
PHP_INI_SCAN_DIR=:$instance SOCKET=/run/foobar-provision/foobar.com/1.sock php-fpm8.4 -t -y "$instance/fpm.conf" 2>/dev/null
systemctl disable -q --now php8.4-fpm
chmod 0755 /usr/local/lib/foobar-provision/ask
ln -s "/run/foobar-provision/foobar.com/${instance##*/}@1.sock" /srv/www/foobar.com/releases/1.sock
systemctl restart mariadb
mariadb <<SQL
CREATE DATABASE foobar_com CHARACTER SET utf8mb4;
CREATE USER 'foobar_com'@'localhost' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON foobar_com.* TO 'foobar_com'@'localhost';
SQL
for migration in /srv/www/foobar.com/releases/1/migrations/*.sql; do mariadb foobar_com <"$migration"; done
systemctl link -q "$instance"/php-*@.service
systemctl enable -q --now "php-foobar.com-${instance##*/}@1.service"
systemctl reload nginx
[ "$(printf 'GET / HTTP/1.0\r\nHost: www.foobar.com\r\n\r\n' | perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new("127.0.0.1:80"); print $s <STDIN>; print <$s>' | head -n 1 | cut -d ' ' -f 2)" = 200 ]
sync
