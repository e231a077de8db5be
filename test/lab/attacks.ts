/** Who attacks whom: the names of sites, which are `NAME.test` with the user `NAME_test`. */
export interface Roles {
  readonly me: string;
  readonly others: readonly [string, string];
  /** The folder of the attacker's that visitors see. */
  readonly docroot: string;
}

export interface Attack {
  readonly name: string;
  /** Shell or PHP. What it prints holds no secret of others, and `WRITTEN` where it has got what it wanted. */
  readonly code: string;
  /** What a visitor then asks the attacker's site for; the answers hold no more. */
  readonly paths?: readonly string[];
}

/** As what is somebody else's is recognized. */
export const loot = (name: string) => ['FILE', 'KEPT', 'TOKEN', 'LOG', 'SHM', 'COMMAND'].map((what) => `${what}-OF-${name.toUpperCase()}`);

const home = (name: string) => `/srv/www/${name}.test`;
const attack = (name: string, code: string, ...paths: readonly string[]): Attack => ({ name, code, paths });

function placesOf(name: string): readonly string[] {
  return [
    `${home(name)}/shared/.env`,
    `${home(name)}/current/secret.txt`,
    `${home(name)}/secret.txt`,
    `/var/log/nginx/${name}.test.access.log`,
    `/var/log/php/${name}.test/error.log`,
    `/var/lib/nginx/cache-${name}.test`,
    '/etc/shadow',
    `/etc/foobar-provision/secrets/${name}.test.database`,
    '/proc/1/environ',
  ];
}

/** What any program of a site's can try: its shell, and what its PHP, Python, workers, hooks and scheduled commands start. */
export function shellAttacks({ me, others: [other, third], docroot }: Roles): readonly Attack[] {
  const mine = home(me);
  const yours = home(other);
  const uploads = `${mine}/shared/${docroot}/uploads`;
  const users = `root,${other}_test,${third}_test,www-data,mysql`;
  return [
    ...placesOf(other).flatMap((path, n) => [
      attack(`a symlink that nginx serves: ${path}`, `ln -sfn ${path} ${uploads}/s${n}.txt`, `/uploads/s${n}.txt`),
      attack(`a symlink to its folder: ${path}`, `ln -sfn $(dirname ${path}) ${uploads}/d${n}`, `/uploads/d${n}/${path.split('/').pop()}`),
      attack(`a hard link: ${path}`, `ln -f ${path} ${uploads}/h${n}.txt`, `/uploads/h${n}.txt`),
      attack(
        `a link to a link: ${path}`,
        `ln -sfn ${path} ${mine}/shared/k${n}; ln -sfn ${mine}/shared/k${n} ${uploads}/l${n}.txt`,
        `/uploads/l${n}.txt`,
      ),
    ]),
    attack(
      'overwrites what another keeps',
      `echo x >${yours}/shared/.env; rm -f ${yours}/shared/.env; touch ${yours}/new ${yours}/shared/new ${yours}/sessions/new /etc/new`,
    ),
    attack(
      'renames its own folders',
      `mv ${mine}/shared ${mine}/x && echo WRITTEN; mv ${mine}/sessions ${mine}/x && echo WRITTEN; ln -s /etc ${mine}/releases/x && echo WRITTEN`,
    ),
    attack(
      'switches its own release',
      `ln -sfn ${yours}/current ${mine}/current && echo WRITTEN; ln -sfn /etc ${mine}/docroot && echo WRITTEN`,
    ),
    attack(
      'systemd over the bus',
      `systemctl stop nginx && echo WRITTEN; busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StopUnit ss nginx.service replace && echo WRITTEN; systemd-run --wait id && echo WRITTEN; systemd-run --user id && echo WRITTEN`,
    ),
    attack(
      'other services over the bus',
      'hostnamectl set-hostname taken && echo WRITTEN; timedatectl set-timezone Asia/Tokyo && echo WRITTEN; loginctl kill-user root && echo WRITTEN; systemd-inhibit --what=shutdown true && echo WRITTEN',
    ),
    attack('restarts the host', 'systemctl reboot && echo WRITTEN; reboot && echo WRITTEN'),
    attack('sudo, su and pkexec', 'sudo -n id && echo WRITTEN; su -c id </dev/null && echo WRITTEN; pkexec id && echo WRITTEN'),
    attack(
      'a library of its own in set-user-id programs',
      'for p in su mount passwd; do LD_PRELOAD=/tmp/x.so LD_LIBRARY_PATH=/tmp LD_AUDIT=/tmp/x.so timeout 2 $p --help >/dev/null 2>&1; done; echo "LD_PRELOAD=/tmp/x.so" >>/etc/environment && echo WRITTEN; echo /tmp/x.so >>/etc/ld.so.preload && echo WRITTEN',
    ),
    attack(
      'set-user-id and set-group-id programs that are fed a secret',
      'for p in $(find / -xdev -perm /6000 -type f 2>/dev/null); do timeout 2 $p /etc/shadow </dev/null 2>&1; done | grep -a "root:[$*!]" && echo WRITTEN',
    ),
    attack(
      'the environment files of the host’s services',
      `for f in /etc/foobar-provision/instances/*/*/environment /etc/foobar-provision/instances/*/*/fpm.conf; do cat $f && echo WRITTEN; echo 'LD_PRELOAD=/tmp/x.so' >>$f && echo WRITTEN; done; ls -R /etc/foobar-provision/secrets && echo WRITTEN`,
    ),
    attack(
      'access control lists and attributes',
      `setfacl -m u:${me}_test:rwx ${yours}/shared ${mine} /etc/passwd && echo WRITTEN; setfacl -d -m u:www-data:rwx ${mine}/current/ && echo WRITTEN; chattr +i ${uploads} && echo WRITTEN; setfattr -n trusted.x -v 1 ${uploads} && echo WRITTEN; chgrp www-data ${uploads} && echo WRITTEN; chown root ${uploads} && echo WRITTEN`,
    ),
    attack(
      'mounts',
      'mount -t tmpfs x /tmp && echo WRITTEN; mount -o remount,size=1k /run && echo WRITTEN; umount -l /srv && echo WRITTEN',
    ),
    attack(
      'kernel settings',
      'echo 1 >/proc/sys/kernel/sysrq && echo WRITTEN; echo b >/proc/sysrq-trigger && echo WRITTEN; echo x >/proc/sys/kernel/core_pattern && echo WRITTEN; dmesg -C && echo WRITTEN; date -s "+1 day" && echo WRITTEN',
    ),
    attack(
      'the log of the system',
      'journalctl -n 5 --no-pager | grep -v "^Hint\\|No journal\\|-- No entries" | grep -i "sshd\\|systemd" && echo WRITTEN',
    ),
    ...['environ', 'maps', 'mem', 'fd', 'cwd', 'root', 'stack', 'auxv'].map((file) =>
      attack(
        `/proc/*/${file} of others`,
        `for p in $(pgrep -u ${users}); do { cat /proc/$p/${file} || ls /proc/$p/${file}/; } 2>/dev/null | grep -q . && echo WRITTEN $p; done`,
      ),
    ),
    attack(
      'signals to others',
      `for s in 0 1 9 15 19; do for p in $(pgrep -u ${users}); do kill -$s $p 2>/dev/null && echo WRITTEN $p; done; done`,
    ),
    // ptrace(2), pidfd_open(2) with pidfd_getfd(2), and process_vm_readv(2), on x86-64.
    attack(
      'looks into processes of others',
      `perl -e 'for my $p (@ARGV) { print "WRITTEN $p\\n" if syscall(101, 16, $p, 0, 0) == 0; my $fd = syscall(434, $p + 0, 0); for (0 .. 9) { print "WRITTEN $p\\n" if $fd >= 0 && syscall(438, $fd, $_, 0) >= 0 } }' $(pgrep -u ${users})`,
    ),
    attack(
      'scheduling of others',
      `for p in $(pgrep -u ${users}); do renice 19 -p $p 2>/dev/null && echo WRITTEN; ionice -c 3 -p $p 2>/dev/null && echo WRITTEN; done`,
    ),
    attack(
      'sockets in the folders of others',
      `for d in /run/foobar-provision/* /run/mysqld /run/php /run /run/foobar-provision-locks; do [ "$d" = /run/foobar-provision/${me}.test ] || perl -MIO::Socket::UNIX -e 'print "WRITTEN @ARGV\\n" if IO::Socket::UNIX->new(Listen => 1, Local => "$ARGV[0]/x.sock")' $d; done`,
    ),
    attack(
      'removes sockets of others',
      `rm -f /run/mysqld/mysqld.sock /run/foobar-provision/${other}.test/*.sock /run/foobar-provision/*/*.sock; ls /run/mysqld/mysqld.sock >/dev/null || echo WRITTEN`,
    ),
    attack(
      'connects to what answers for others',
      `for s in /run/foobar-provision/${other}.test/*.sock /run/foobar-provision/${third}.test/*.sock; do perl -MIO::Socket::UNIX -e 'print "WRITTEN @ARGV\\n" if IO::Socket::UNIX->new(Peer => $ARGV[0])' "$s"; done`,
    ),
    attack(
      'the cache of nginx',
      'ls /var/lib/nginx/cache-* 2>/dev/null && echo WRITTEN; touch /var/lib/nginx/x /var/lib/nginx/cache-*/x 2>/dev/null && echo WRITTEN',
    ),
    attack('/tmp of services', 'ls /tmp/systemd-private-*/tmp /var/tmp/systemd-private-*/tmp 2>/dev/null && echo WRITTEN'),
    attack(
      'links in /tmp that lead others astray',
      'for n in sess foobar-provision mysql nginx apt.conf; do ln -sfn /etc/shadow /tmp/$n; ln -sfn /etc/shadow /var/tmp/$n; done; ln -sfn /etc /var/tmp/foobar-provision-lists.x',
    ),
    attack(
      'the lock of runs',
      'for f in /run/foobar-provision.lock /run/foobar-provision-locks/* /run/foobar-provision-locks/run /run/foobar-provision-locks/certificate; do flock -n "$f" true 2>/dev/null && [ -e "$f" ] && echo WRITTEN "$f"; done',
    ),
    attack(
      'the locks of packages and accounts',
      `for f in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/cache/apt/archives/lock /etc/.pwd.lock; do perl -MFcntl=:flock -e 'print "WRITTEN @ARGV\\n" if open(F, "<", $ARGV[0]) && flock(F, 2 | 4)' $f; done`,
    ),
    attack(
      'names with newlines and control characters',
      `cd ${uploads} && touch -- "$(printf 'a\\nb')" "$(printf '\\n/etc/passwd')" '-rf' '$(touch WRITTEN)' "$(printf '\\033]0;x\\007')" "$(printf '%200s' x)"; mkdir -p -- "$(printf 'x\\nrelease')/../y"`,
    ),
    attack(
      'mail of others',
      'mailq | grep -q "<" && echo WRITTEN; ls /var/spool/exim4/input/* /var/spool/postfix/*/* 2>/dev/null && echo WRITTEN; cat /var/mail/root && echo WRITTEN',
    ),
  ];
}

/** What only counts within the walls of a site's sandbox: a user of the system may do some of it elsewhere. */
export function confinedAttacks({ me, others: [other, third], docroot }: Roles): readonly Attack[] {
  const uploads = `${home(me)}/shared/${docroot}/uploads`;
  return [
    ...placesOf(other).map((path) => attack(`reads ${path}`, `cat ${path}; ls -la ${path}/`)),
    attack('crontab', `echo '* * * * * touch /tmp/cron-ran' | crontab - && echo WRITTEN`),
    attack('at', `echo 'touch /tmp/at-ran' | at now && echo WRITTEN`),
    attack('a file in the spool of cron', `echo x >/var/spool/cron/crontabs/${me}_test && echo WRITTEN`),
    attack('namespaces', 'unshare -Urm id && echo WRITTEN; unshare -m id && echo WRITTEN; unshare -n id && echo WRITTEN'),
    attack('a set-user-id file', `cp /bin/sh ${uploads}/sh; chmod 4755 ${uploads}/sh && echo WRITTEN`),
    attack(
      'the commands of other sites',
      `systemctl show '${other}.test-*' '${third}.test-*' -p ExecStart,Environment; cat /etc/systemd/system/${other}.test-*; busctl list && echo WRITTEN; grep -r . /etc/nginx && echo WRITTEN`,
    ),
    attack('the log of the kernel', 'dmesg && echo WRITTEN'),
    attack(
      'shared memory of others',
      `cat /dev/shm/*; ipcs -m | grep -q '^0x' && echo WRITTEN; ls -A /dev/mqueue | grep . && echo WRITTEN; head -c 1M /dev/zero >/dev/shm/filled`,
    ),
    // add_key(2) and keyctl(2), on x86-64.
    attack(
      'the kernel’s keyring',
      `perl -e 'print "WRITTEN\\n" if syscall(248, "user", "x", "y", 1, -3) >= 0; print "WRITTEN\\n" if syscall(250, 0, -3, 0) >= 0'`,
    ),
    attack(
      'its own limits',
      'prlimit --nproc=unlimited --pid $$ && echo WRITTEN; echo -900 >/proc/self/oom_score_adj && [ "$(cat /proc/self/oom_score_adj)" -lt 500 ] && echo WRITTEN; ulimit -u unlimited && echo WRITTEN',
    ),
    // The walls let nothing near them but what is known here.
    attack(
      'writes where nothing of its own is',
      `find / \\( -path /proc -o -path /sys -o -path /dev -o -path '${home(me)}' -o -path /tmp -o -path /var/tmp \\) -prune -o -type d -writable -print 2>/dev/null | grep -vx '/var/log/php/${me}.test' | sed 's/^/WRITTEN /'`,
    ),
  ];
}

/** What PHP itself can try, besides what its shell can. */
export function phpAttacks({ me, others: [other, third] }: Roles): readonly Attack[] {
  const mine = home(me);
  const uploads = `${mine}/shared/public/uploads`;
  const connect = (name = "$_SERVER['DB_NAME']", user = "$_SERVER['DB_USER']") =>
    `$db = new mysqli('localhost', ${user}, $_SERVER['DB_PASSWORD'], ${name}, 0, $_SERVER['DB_SOCKET']);`;
  return [
    ...placesOf(other).flatMap((path, n) => [
      attack(`PHP reads ${path}`, `echo @file_get_contents('${path}'), json_encode(@scandir('${path}'));`),
      attack(
        `through the roots of processes: ${path}`,
        `foreach (glob('/proc/[0-9]*') as $p) { echo @file_get_contents("$p/root${path}"), @file_get_contents("$p/cwd${path}"); }`,
      ),
      attack(`X-Accel-Redirect: ${path}`, `header('X-Accel-Redirect: ${path}'); `),
      attack(
        `X-Accel-Redirect by a link: ${path}`,
        `@symlink('${path}', '${uploads}/x${n}.txt'); header('X-Accel-Redirect: /uploads/x${n}.txt');`,
      ),
      attack(`include: ${path}`, `@include '${path}';`),
      attack(
        `writes ${path}`,
        `echo @file_put_contents('${path}', 'x') ? 'WRITTEN' : ''; echo @unlink('${path}') || @rename('${path}', '/tmp/x') || @chmod('${path}', 0777) ? 'WRITTEN' : '';`,
      ),
    ]),
    ...[
      `/../../${other}.test/current/secret.txt`,
      `/%2e%2e/%2e%2e/${other}.test/shared/.env`,
      '@previous',
      '@application',
      '/fpm-status',
      `/.well-known/acme-challenge/../../../${other}.test/secret.txt`,
      `/uploads/../../../../${other}.test/shared/.env`,
    ].map((to) =>
      attack(
        `X-Accel-Redirect: ${to}`,
        `header('X-Accel-Redirect: ${to}'); header('X-Accel-Buffering: no'); header('X-Accel-Expires: 3600'); header('X-Accel-Charset: x');`,
      ),
    ),
    ...['environ', 'maps', 'mem', 'stack', 'auxv'].map((file) =>
      attack(
        `PHP: /proc/*/${file} of others`,
        `foreach (glob('/proc/[0-9]*') as $p) if (fileowner($p) !== posix_geteuid() && $p !== '/proc/1' && @file_get_contents("$p/${file}")) echo 'WRITTEN ', $p;`,
      ),
    ),
    attack(
      'FastCGI from PHP',
      `foreach (['${other}', '${third}'] as $n) foreach (glob("/run/foobar-provision/$n.test/*.sock") ?: ["/run/foobar-provision/$n.test/x.sock"] as $s) if (@stream_socket_client("unix://$s")) echo 'WRITTEN';`,
    ),
    attack(
      'abstract sockets',
      `foreach (file('/proc/net/unix') as $l) if (preg_match('/ @(\\S+)$/', trim($l), $m) && @stream_socket_client("unix://\\0$m[1]")) echo "WRITTEN $m[1]";`,
    ),
    attack(
      'opcache of the other',
      `echo implode(' ', array_filter(array_keys(opcache_get_status()['scripts']), fn ($p) => str_contains($p, '${other}.test'))) ? 'WRITTEN' : ''; opcache_invalidate('${home(other)}/current/public/index.php', true);`,
    ),
    attack(
      'shared memory of others, by PHP',
      `foreach (glob('/dev/shm/*') ?: [] as $f) if (fileowner($f) !== posix_geteuid() && @file_get_contents($f)) echo 'WRITTEN ', $f; foreach (file('/proc/sysvipc/shm') ?: [] as $n => $l) if ($n && @shmop_open((int) preg_split('/ +/', trim($l))[0], 'a', 0, 0)) echo 'WRITTEN';`,
    ),
    attack(
      '/tmp of others',
      `foreach (array_merge(glob('/tmp/*') ?: [], glob('/tmp/systemd-private-*/tmp/*') ?: []) as $f) if (lstat($f)['uid'] !== posix_geteuid()) echo 'WRITTEN ', $f;`,
    ),
    attack('a proxy in a header', `echo getenv('HTTP_PROXY') ? 'WRITTEN' : '';`),
    ...[
      `USE ${other}_test`,
      `SELECT * FROM ${other}_test.things`,
      `SELECT * FROM information_schema.tables WHERE table_schema = '${other}_test'`,
      'SELECT * FROM mysql.user',
      "SELECT 1 INTO OUTFILE '/tmp/out'",
      "SELECT '<?php' INTO DUMPFILE '/srv/www/x.php'",
      'SET GLOBAL max_connections = 1',
      "SET GLOBAL general_log_file = '/var/lib/mysql/x'",
      "SET GLOBAL init_connect = 'DROP TABLE things'",
      'CREATE USER other@localhost',
      'GRANT ALL ON *.* TO CURRENT_USER',
      "SET PASSWORD FOR root@localhost = ''",
      "ALTER USER root@localhost IDENTIFIED BY 'x'",
      `DROP DATABASE ${other}_test`,
      `CREATE DATABASE x${other}_test`,
      `CREATE DATABASE \`${me}xtest\``,
      "LOAD DATA INFILE '/etc/passwd' INTO TABLE things",
      "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE things",
      "SELECT LENGTH(LOAD_FILE('/etc/passwd')) > 0 AND f()",
      'CREATE DEFINER=root@localhost PROCEDURE p() SELECT 1',
      'CREATE DEFINER=root@localhost VIEW v AS SELECT 1',
      'CREATE DEFINER=root@localhost EVENT ev ON SCHEDULE EVERY 1 SECOND DO SELECT 1',
      'CREATE DEFINER=root@localhost TRIGGER tr BEFORE INSERT ON things FOR EACH ROW SET @a = 1',
      `CREATE TRIGGER ${other}_test.tr BEFORE INSERT ON ${other}_test.things FOR EACH ROW SET @a = 1`,
      `CREATE VIEW v AS SELECT * FROM ${other}_test.things`,
      `RENAME TABLE things TO ${other}_test.things2`,
      `CREATE TABLE d (id int) DATA DIRECTORY = '/var/lib/mysql/${other}_test/'`,
      "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')",
      "CREATE TABLE c (t text) ENGINE=CONNECT TABLE_TYPE=DOS FILE_NAME='/etc/passwd'",
      "CREATE FUNCTION sys_exec RETURNS INT SONAME 'x.so'",
      'FLUSH TABLES WITH READ LOCK',
      'SHUTDOWN',
      'KILL 1',
      'INSTALL SONAME "x"',
      `SHOW CREATE TABLE ${other}_test.things`,
      `LOCK TABLES ${other}_test.things WRITE`,
      'SHOW ENGINE INNODB STATUS',
      'PURGE BINARY LOGS BEFORE NOW()',
    ].map((query) =>
      attack(
        `SQL: ${query}`,
        `${connect()} $r = $db->query(<<<'SQL'\n${query}\nSQL); echo $r instanceof mysqli_result && $r->num_rows === 0 ? '' : 'WRITTEN';`,
      ),
    ),
    // Its own it may make; what one does is done with its maker's rights.
    attack(
      'SQL: an event that drops a table of the other',
      `${connect()} $db->query('CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO DROP TABLE ${other}_test.things'); sleep(2); $db->query('DROP EVENT e');`,
    ),
    attack(
      'SQL: processes of others',
      `${connect("''")} foreach ($db->query('SHOW FULL PROCESSLIST')->fetch_all() as $r) if ($r[1] !== $_SERVER['DB_USER']) echo 'WRITTEN ', $r[1];`,
    ),
    ...[`${other}_test`, 'root', 'mysql', 'mariadb.sys'].map((user) =>
      attack(`the database as ${user}`, `${connect("''", `'${user}'`)} echo 'WRITTEN';`),
    ),
    ...[
      ['public/uploads', '/uploads'],
      ['public/cache', '/cache'],
      ['public/cache', '/c'],
      ['public/cache', '/all/cache'],
      ['public/cache', '/all/c'],
      ['public/cache', '/all/all/cache'],
      ['var/data', '/data'],
      ['var/data', '/deep/data'],
      ['public/uploads', '/all/uploads'],
    ].flatMap(([folder = '', address = '']) =>
      (address === '/uploads' || address === '/cache' ? ['php', 'phtml', 'phar', 'php8', 'PHP'] : ['php']).map((end) =>
        attack(
          `a script in ${folder}: ${address}/w.${end}`,
          `file_put_contents('${mine}/current/${folder}/w.${end}', '<?php echo "WRI", "TTEN";') or die('WRITTEN: the script was not laid');`,
          ...[`w.${end}`, `w.${end}/x`, `x/../w.${end}`, `/w.${end}`, `%77.${end}`, `w.${end}%00.jpg`].map((name) => `${address}/${name}`),
          `/index.php/..${address}/w.${end}`,
          `/${address}/w.${end}`,
        ),
      ),
    ),
    ...['.user.ini', '.htaccess'].map((name) =>
      attack(
        `${name} in an upload folder`,
        `file_put_contents('${mine}/current/public/uploads/${name}', "auto_prepend_file=${uploads}/p.txt\\nAddType application/x-httpd-php .txt\\n"); file_put_contents('${uploads}/p.txt', '<?php echo "WRI", "TTEN";');`,
        '/uploads/p.txt',
        `/uploads/${name}`,
        '/uploads/index.php',
        '/',
      ),
    ),
  ];
}

/** Requests as no browser sends them. None lets a site answer for another, and none hides a request for `/smuggled` in another one. */
export function requestsOf({ me, others }: Roles): readonly string[] {
  const lines = (...all: readonly string[]) => `${all.join('\r\n')}\r\nConnection: close\r\n\r\n`;
  return others.flatMap((other) => {
    const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${other}.test\r\n\r\n`;
    const post = (...headers: readonly string[]) => lines('POST / HTTP/1.1', `Host: ${other}.test`, ...headers);
    return [
      lines('GET /secret.txt HTTP/1.1', `Host: ${me}.test`, `Host: ${other}.test`),
      lines(`GET http://${other}.test/..%2f..%2fsecret.txt HTTP/1.1`, `Host: ${me}.test`),
      lines('GET /run.php HTTP/1.1', `Host: ${me}.test@${other}.test`),
      lines('GET / HTTP/1.1', `Host: ${me}.test`, `X-Forwarded-Host: ${other}.test`, 'X-Original-URL: /secret.txt'),
      lines('GET / HTTP/1.0'),
      lines('GET / HTTP/1.1', `Host: ${me}.test/../${other}.test`),
      `${post(`Content-Length: ${smuggled.length + 5}`, 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
      `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}0\r\n\r\n${smuggled}`,
      `${post('Transfer-Encoding : chunked', 'Content-Length: 4')}0\r\n\r\n${smuggled}`,
      `${post('Content-Length: 0', `Content-Length: ${smuggled.length}`)}${smuggled}`,
      `${post('Content-Length: 0', 'Expect: 100-continue', 'Upgrade: h2c')}${smuggled}`,
      lines('GET / HTTP/1.1', `Host: ${other}.test`, 'SCRIPT_NAME: /smuggled', 'Script-Name: /smuggled', 'X-Script-Name: /smuggled'),
      lines('GET /x HTTP/1.1', `Host: ${other}.test`, `X-A: b\rX-B: ${smuggled.slice(0, 20)}`),
    ];
  });
}
