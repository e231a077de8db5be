# A plain host, as a careful person sets one up by hand: run as `ssh host bash -s`.
# It has Debian's nginx and PHP-FPM with a static pool of 20 workers, no hardening, and the application of the benchmark in /var/www/site.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends mariadb-server nginx php8.4-fpm php8.4-mysql >/dev/null
cat >/etc/php/8.4/fpm/pool.d/www.conf <<'POOL'
[www]
user = www-data
group = www-data
listen = /run/php/php8.4-fpm.sock
listen.owner = www-data
listen.group = www-data
pm = static
pm.max_children = 20
POOL
cat >/etc/nginx/sites-available/default <<'SERVER'
server {
    listen 80 default_server;
    root /var/www/site;
    index index.php;
    location / { try_files $uri $uri/ /index.php$is_args$args; }
    location ~ \.php$ {
        include snippets/fastcgi-php.conf;
        fastcgi_pass unix:/run/php/php8.4-fpm.sock;
    }
}
SERVER
mariadb -e "CREATE DATABASE site; CREATE USER 'www-data'@'localhost' IDENTIFIED VIA unix_socket; GRANT ALL ON site.* TO 'www-data'@'localhost'"
systemctl restart php8.4-fpm
systemctl reload nginx
