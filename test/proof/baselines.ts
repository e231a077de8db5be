/** One thing that the dev-sec baselines for Linux, SSH, nginx, PHP and MySQL ask of a host, in our own words. */
export interface Control {
  /** The baseline's own name for it. */
  readonly id: string;
  readonly what: string;
  /** Shell that reads it on the host. */
  readonly read: string;
  /** What it prints where it holds. */
  readonly expected: RegExp;
  /** Why it does not have to hold here. */
  readonly waived?: string;
}

const sshd = (name: string) => `sshd -T | grep -i '^${name} '`;
const sysctl = (name: string) => `cat /proc/sys/${name.replaceAll('.', '/')}`;
const sql = (query: string) => `mariadb -BN -e ${JSON.stringify(query)}`;
const ini = (name: string) =>
  `PHP_INI_SCAN_DIR=:$(ls -d /etc/foobar-provision/instances/foobar.com/*/ | head -n 1) php-fpm8.4 -i | grep -m 1 '^${name} '`;
const nginx = (pattern: string) => `nginx -T 2>/dev/null | grep -Em 1 ${JSON.stringify(pattern)}`;

const ours = 'a container has the kernel of the machine that runs it; on a machine of its own the value is in /etc/sysctl.d';

export const controls: readonly Control[] = [
  { id: 'os-01', what: 'no hosts.equiv', read: 'ls /etc/hosts.equiv 2>&1', expected: /No such file/ },
  { id: 'os-02', what: 'the password file is root’s', read: 'stat -c %a:%U:%G /etc/shadow', expected: /^6[04]0:root:(shadow|root)$/m },
  {
    id: 'os-05b',
    what: 'a umask in login.defs',
    read: 'grep ^UMASK /etc/login.defs',
    expected: /02[27]/,
    waived: 'files of ours carry their modes, and with 027 nginx could not show what a tool of the site’s user has put among its uploads',
  },
  { id: 'os-06', what: 'no unknown set-uid programs', read: 'find / -xdev -perm /6000 -type f -path "/srv/*"', expected: /^$/ },
  {
    id: 'os-10',
    what: 'no rare file systems',
    read: 'cat /etc/modprobe.d/*.conf',
    expected: /install cramfs \/bin\/false[\s\S]*install udf \/bin\/false/,
  },
  {
    id: 'os-11',
    what: 'no legacy services',
    read: 'dpkg-query -W telnetd rsh-server xinetd inetd ypserv 2>/dev/null | grep installed',
    expected: /^$/,
  },
  { id: 'sysctl-04', what: 'broadcasts are not answered', read: sysctl('net.ipv4.icmp_echo_ignore_broadcasts'), expected: /^1$/m },
  { id: 'sysctl-08', what: 'SYN cookies', read: sysctl('net.ipv4.tcp_syncookies'), expected: /^1$/m },
  { id: 'sysctl-09', what: 'no redirects from others', read: sysctl('net.ipv4.conf.all.accept_redirects'), expected: /^0$/m },
  { id: 'sysctl-13', what: 'no source routing', read: sysctl('net.ipv4.conf.all.accept_source_route'), expected: /^0$/m },
  { id: 'sysctl-17', what: 'strange packets are logged', read: sysctl('net.ipv4.conf.all.log_martians'), expected: /^1$/m },
  { id: 'sysctl-30', what: 'no magic keys', read: sysctl('kernel.sysrq'), expected: /^0$/m, waived: ours },
  { id: 'sysctl-31', what: 'no core dumps of set-uid programs', read: sysctl('fs.suid_dumpable'), expected: /^0$/m, waived: ours },
  {
    id: 'package-08',
    what: 'an audit daemon',
    read: 'systemctl is-active auditd',
    expected: /^active$/m,
    waived: 'what a web server is asked is in its logs; auditd fills disks that nobody reads',
  },
  { id: 'sshd-08', what: 'one protocol, current ciphers', read: sshd('ciphers'), expected: /^ciphers (?!.*(cbc|3des|arcfour))/m },
  { id: 'sshd-12', what: 'current key exchanges', read: sshd('kexalgorithms'), expected: /^kexalgorithms (?!.*(sha1|group1-|nistp))/m },
  { id: 'sshd-13', what: 'current MACs', read: sshd('macs'), expected: /^macs (?!.*(md5|sha1|umac-64))/m },
  { id: 'sshd-16', what: 'no root by password', read: sshd('permitrootlogin'), expected: /without-password|prohibit-password|no$/m },
  {
    id: 'sshd-19',
    what: 'two attempts a connection',
    read: sshd('maxauthtries'),
    expected: / 2$/m,
    waived: 'agents offer several keys; five attempts and no passwords',
  },
  { id: 'sshd-26', what: 'no passwords', read: sshd('passwordauthentication'), expected: / no$/m },
  { id: 'sshd-27', what: 'no empty passwords', read: sshd('permitemptypasswords'), expected: / no$/m },
  { id: 'sshd-36', what: 'silent connections end', read: sshd('clientaliveinterval'), expected: / 300$/m },
  {
    id: 'sshd-38',
    what: 'no forwarding of TCP',
    read: sshd('allowtcpforwarding'),
    expected: / no$/m,
    waived: 'streams to what runs on the host are how a run checks it; only those are open (local)',
  },
  { id: 'sshd-39', what: 'no forwarding of agents', read: sshd('allowagentforwarding'), expected: / no$/m },
  { id: 'sshd-42', what: 'no X11', read: sshd('x11forwarding'), expected: / no$/m },
  { id: 'nginx-02', what: 'workers are nobody’s', read: nginx('^user '), expected: /user www-data/ },
  { id: 'nginx-05', what: 'no version told', read: nginx('server_tokens'), expected: /server_tokens (off|build)/ },
  { id: 'nginx-06', what: 'the default site is gone', read: 'ls /etc/nginx/sites-enabled/default 2>&1', expected: /No such file/ },
  { id: 'nginx-08', what: 'a bound for bodies', read: nginx('client_max_body_size'), expected: /client_max_body_size/ },
  {
    id: 'nginx-16',
    what: 'only root writes the configuration',
    read: 'find /etc/nginx ! -user root -o -perm /022 -type f',
    expected: /^$/,
  },
  { id: 'php-01', what: 'PHP tells no version', read: ini('expose_php'), expected: /=> Off/ },
  { id: 'php-02', what: 'visitors see no errors', read: ini('display_errors'), expected: /=> Off/ },
  { id: 'php-03', what: 'errors are logged', read: ini('log_errors'), expected: /=> On/ },
  { id: 'php-04', what: 'nothing remote is included', read: ini('allow_url_include'), expected: /=> Off/ },
  {
    id: 'php-05',
    what: 'nothing remote is opened',
    read: ini('allow_url_fopen'),
    expected: /=> Off/,
    waived: 'WordPress, Composer and many others fetch with it',
  },
  { id: 'php-06', what: 'a script is run under its own path', read: ini('cgi.fix_pathinfo'), expected: /=> (0|Off)/ },
  { id: 'php-07', what: 'session cookies are not for scripts', read: ini('session.cookie_httponly'), expected: /=> (1|On)/ },
  { id: 'php-08', what: 'sessions are the host’s own', read: ini('session.use_strict_mode'), expected: /=> (1|On)/ },
  { id: 'mysql-01', what: 'the server is not root’s', read: 'ps -o user= -C mariadbd', expected: /^mysql/ },
  {
    id: 'mysql-02',
    what: 'it listens to the host alone',
    read: "ss -Hltn 'sport = :3306' | awk '{ print $4 }'",
    expected: /^127\.0\.0\.1:3306$/m,
  },
  {
    id: 'mysql-03',
    what: 'no users without a name',
    read: sql("SELECT COUNT(*) FROM mysql.global_priv WHERE User = ''"),
    expected: /^0$/m,
  },
  { id: 'mysql-04', what: 'no test database', read: sql("SHOW DATABASES LIKE 'test'"), expected: /^$/ },
  {
    id: 'mysql-05',
    what: 'the application has no FILE, SUPER or the like',
    read: sql("SHOW GRANTS FOR 'foobar_com'@'localhost'"),
    expected: /^(?![\s\S]*(FILE|SUPER|ALL PRIVILEGES ON \*))/,
  },
  { id: 'mysql-06', what: 'clients load no files of the server’s', read: sql('SELECT @@local_infile'), expected: /^0$/m },
  { id: 'mysql-07', what: 'its data is its own', read: 'stat -c %a:%U /var/lib/mysql', expected: /^7[05]{2}:mysql$/m },
];
