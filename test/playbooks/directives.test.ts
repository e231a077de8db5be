import { describe, expect, test } from 'vitest';
import { site } from '../../playbooks/site.ts';
import { gather } from '../../src/engine/playbook.ts';
import type { Config, Facts } from '../../src/index.ts';
import { config, type Given } from './configs.ts';
import { bookworm, sid, trixie } from './hosts.ts';
import { viewOf } from './view.ts';

type Program = 'sshd' | 'nginx' | 'PHP' | 'FPM' | 'MariaDB' | 'MySQL' | 'systemd';

/**
 * The first version of each program that knows a directive, according to OpenSSH's release notes, nginx.org, the PHP manual, systemd's
 * NEWS, and the servers' manuals. `always` means before all versions here. A directive with a choice of values is `word=value`.
 */
const since: Readonly<Record<Program, Readonly<Record<string, string>>>> = {
  sshd: {
    '2.0':
      'AllowTcpForwarding Ciphers ClientAliveCountMax ClientAliveInterval Compression GatewayPorts HostKey LogLevel LoginGraceTime MACs MaxAuthTries MaxStartups PasswordAuthentication PermitEmptyPasswords PermitRootLogin PermitUserEnvironment TCPKeepAlive X11Forwarding',
    '4.3': 'PermitTunnel',
    '5.1': 'AllowAgentForwarding MaxSessions',
    // Debian's and Ubuntu's own.
    '5.2': 'DebianBanner',
    '5.7': 'KexAlgorithms',
    '6.2': 'AllowTcpForwarding=local',
    '6.5': 'Ciphers=chacha20-poly1305@openssh.com KexAlgorithms=curve25519-sha256@libssh.org',
    '6.7': 'AllowStreamLocalForwarding',
    '7.0': 'HostKeyAlgorithms PermitRootLogin=prohibit-password',
    '7.3': 'KexAlgorithms=diffie-hellman-group16-sha512 KexAlgorithms=diffie-hellman-group18-sha512',
    '7.4': 'KexAlgorithms=curve25519-sha256',
    '8.5': 'KexAlgorithms=sntrup761x25519-sha512@openssh.com',
    '8.7': 'KbdInteractiveAuthentication',
    '9.1': 'RequiredRSASize',
    '9.9': 'KexAlgorithms=mlkem768x25519-sha256 KexAlgorithms=sntrup761x25519-sha512',
  },
  nginx: {
    '1.0':
      'access_log add_header allow auth_basic break charset client_body_timeout client_header_timeout client_max_body_size default_type error_log error_page error_page expires fastcgi_buffer_size fastcgi_buffers fastcgi_cache fastcgi_cache_bypass fastcgi_cache_key fastcgi_cache_path fastcgi_cache_use_stale fastcgi_cache_valid fastcgi_index fastcgi_no_cache fastcgi_param fastcgi_pass fastcgi_read_timeout fastcgi_send_timeout geo gzip_comp_level gzip_min_length gzip_proxied gzip_types gzip_vary if include index keepalive_timeout large_client_header_buffers limit_req limit_req_zone listen location map proxy_buffer_size proxy_buffers proxy_pass proxy_read_timeout proxy_send_timeout proxy_set_header real_ip_header reset_timedout_connection return root send_timeout server server_name server_names_hash_bucket_size server_tokens set set_real_ip_from ssl_certificate ssl_certificate_key ssl_ciphers ssl_ecdh_curve ssl_prefer_server_ciphers ssl_protocols ssl_session_cache ssl_session_timeout tcp_nopush try_files variables_hash_bucket_size variables_hash_max_size',
    '1.1.4': 'fastcgi_keep_conn proxy_http_version',
    '1.1.12': 'fastcgi_cache_lock',
    '1.2.1': 'real_ip_recursive',
    '1.1.15': 'disable_symlinks',
    '1.3.15': 'limit_req_status',
    '1.5.9': 'ssl_session_tickets',
    '1.9.5': 'listen=http2',
    '1.11.10': 'fastcgi_cache_background_update',
    '1.13.0': 'ssl_protocols=TLSv1.3',
    '1.19.4': 'ssl_reject_handshake',
    '1.25.0': 'listen=quic',
    '1.25.1': 'http2',
  },
  PHP: {
    '5.6':
      'cgi.fix_pathinfo date.timezone display_errors display_startup_errors error_reporting expose_php log_errors max_execution_time max_input_time max_input_vars memory_limit opcache.enable opcache.interned_strings_buffer opcache.max_accelerated_files opcache.memory_consumption opcache.revalidate_freq post_max_size realpath_cache_size realpath_cache_ttl session.cookie_httponly session.use_strict_mode upload_max_filesize error_log session.gc_divisor session.gc_probability session.save_path',
  },
  FPM: {
    '5.6':
      'catch_workers_output clear_env daemonize emergency_restart_interval emergency_restart_threshold env error_log group listen listen.backlog listen.group listen.mode listen.owner php_admin_flag php_admin_value php_value ping.path ping.response pm pm.max_children pm.max_requests pm.max_spare_servers pm.min_spare_servers pm.start_servers pm.status_path process_control_timeout request_slowlog_timeout request_terminate_timeout slowlog user',
    '7.3': 'decorate_workers_output',
  },
  MariaDB: {
    '10.0':
      'bind-address character-set-server innodb_buffer_pool_size innodb_flush_log_at_trx_commit local_infile log_bin_trust_function_creators long_query_time max_allowed_packet max_connections max_user_connections skip-name-resolve slow_query_log slow_query_log_file',
  },
  MySQL: {
    '5.7':
      'bind-address character-set-server innodb_buffer_pool_size innodb_flush_log_at_trx_commit local_infile log_bin_trust_function_creators long_query_time max_allowed_packet max_connections max_user_connections skip-name-resolve slow_query_log slow_query_log_file',
    '8.0.11': 'mysqlx',
  },
  systemd: {
    '183':
      'After Before DefaultDependencies Description Environment EnvironmentFile ExecReload ExecStart ExecStartPre ExecStop ExecStopPost Group IOSchedulingClass CPUSchedulingPolicy KillMode KillSignal ListenStream Nice NotifyAccess OnCalendar RemainAfterExit Requires Restart RestartSec Storage SocketMode TimeoutStartSec TimeoutStopSec Type UMask User WantedBy WorkingDirectory Backlog CapabilityBoundingSet PrivateNetwork PrivateTmp SystemKeepFree SystemMaxUse MaxRetentionSec',
    '187': 'NoNewPrivileges SystemCallFilter',
    '205': 'Slice',
    '209': 'AccuracySec LimitNOFILE LimitNPROC OOMScoreAdjust PrivateDevices SystemCallArchitectures SystemCallErrorNumber',
    '211': 'RestrictAddressFamilies RuntimeDirectory',
    '212': 'Persistent',
    '214': 'ProtectHome ProtectSystem RemoveOnStop SocketGroup SocketUser',
    '215': 'ProcessSizeMax',
    '229': 'AmbientCapabilities RandomizedDelaySec',
    '230': 'StartLimitIntervalSec',
    '231': 'InaccessiblePaths MemoryDenyWriteExecute ReadOnlyPaths ReadWritePaths RestrictRealtime',
    '232': 'CPUWeight ProtectControlGroups ProtectKernelModules ProtectKernelTunables ProtectSystem=strict RemoveIPC',
    '233': 'BindPaths BindReadOnlyPaths RestrictNamespaces',
    '235': 'LockPersonality RuntimeDirectoryPreserve',
    '238': 'TemporaryFileSystem',
    '242': 'ProtectHostname RestrictSUIDSGID',
    '244': 'ProtectKernelLogs',
    '245': 'ProtectClock',
    '247': 'ProtectProc ProcSubset',
    '248': 'PrivateIPC',
  },
};

/** The first version in which a directive is no longer valid. */
const until: Readonly<Partial<Record<Program, Readonly<Record<string, string>>>>> = {
  // The program only warns.
  nginx: { 'listen=http2': '1.25.1' },
};

/** The versions of the distributions: of the programs, and of the packages that playbooks look at. */
const shipped: readonly (readonly [string, Facts, Readonly<Record<Program, string>>])[] = [
  host('Debian 12', bookworm, { sshd: '9.2', nginx: '1.22.1', PHP: '8.2', MariaDB: '10.11', MySQL: 'none', systemd: '252' }, '3.0.17'),
  host('Debian 13', trixie, { sshd: '10.0', nginx: '1.26.3', PHP: '8.4', MariaDB: '11.8', MySQL: 'none', systemd: '257' }, '3.5.1'),
  host('Debian sid', sid, { sshd: '10.2', nginx: '1.30.4', PHP: '8.4', MariaDB: '11.8', MySQL: '9.7', systemd: '262' }, '3.6.5'),
  host(
    'Ubuntu 22.04',
    ubuntuOf('22.04'),
    { sshd: '8.9', nginx: '1.18.0', PHP: '8.1', MariaDB: '10.6', MySQL: '8.0.43', systemd: '249' },
    '3.0.2',
  ),
  host(
    'Ubuntu 24.04',
    ubuntuOf('24.04'),
    { sshd: '9.6', nginx: '1.24.0', PHP: '8.3', MariaDB: '10.11', MySQL: '8.0.43', systemd: '255' },
    '3.0.13',
  ),
  host(
    'Ubuntu 26.04',
    ubuntuOf('26.04'),
    { sshd: '10.2', nginx: '1.28.0', PHP: '8.5', MariaDB: '11.8', MySQL: '8.4', systemd: '259' },
    '3.5.3',
  ),
];

function ubuntuOf(version: string): Facts {
  return { ...trixie, distribution: 'ubuntu', version };
}

function host(name: string, facts: Facts, versions: Readonly<Record<Exclude<Program, 'FPM'>, string>>, openssl: string) {
  const { sshd, nginx, PHP, MariaDB, MySQL } = versions;
  const packages = {
    'openssh-server': { installed: `1:${sshd}p1-1` },
    nginx: { candidate: `${nginx}-1` },
    openssl: { candidate: `${openssl}-1` },
    'php-fpm': { candidate: `2:${PHP}+93` },
    'mariadb-server': { candidate: `1:${MariaDB}.1-1` },
    ...(MySQL !== 'none' && { 'mysql-server': { candidate: `${MySQL}-1` } }),
  };
  return [name, { ...facts, packages }, { ...versions, FPM: PHP }] as const;
}

const secure: Given = {
  https: { certificate: { kind: 'self-signed' }, proven: true },
  web: { cache: 10, logins: { paths: ['/login'], perMinute: 10 } },
};
const worker: NonNullable<Given['more']> = {
  workers: { a: { command: 'true', count: 1 } },
  cron: { b: { command: 'true', calendar: ['daily'] } },
};

/** Configurations that together create every file. */
function configurations(engine: 'mysql' | 'mariadb'): readonly Config[] {
  const database = { engine, explicit: true };
  return [
    config({ ...secure, database, more: worker }),
    config({ database, https: { certificate: { kind: 'self-signed' }, guideline: 'modern' }, php: { stderr: true } }),
    config({ runtime: 'python', database, web: { proxies: ['10.0.0.0/8'] } }),
    config({ runtime: 'node', database }),
    config({ runtime: 'command', database, command: { activated: true } }),
    config({ runtime: 'command', database }),
    config({ runtime: 'static', database: { engine: 'none' } }),
  ];
}

/** Returns the directives of a file, and those with a choice of values as `word=value`. */
function directivesIn(path: string, content: string, server: Program): readonly (readonly [Program, string])[] {
  const program = programOf(path, server);
  if (program === undefined) return [];
  const lines = content
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;[]/.test(line));
  const words = program === 'nginx' ? nginxWords(lines) : lines.flatMap((line) => lineWords(program, line));
  return words.map((word) => (word.startsWith('php:') ? (['PHP', word.slice(4)] as const) : ([program, word] as const)));
}

function programOf(path: string, server: Program): Program | undefined {
  if (path.startsWith('/etc/ssh/')) return 'sshd';
  if (path.startsWith('/etc/nginx/') || path.endsWith('.nginx.conf')) return 'nginx';
  if (path.endsWith('/fpm.conf')) return 'FPM';
  if (path.endsWith('/php.ini')) return 'PHP';
  if (path.startsWith('/etc/mysql/')) return server;
  return path.startsWith('/etc/systemd/') || /\.(service|timer|socket|swap)$/.test(path) ? 'systemd' : undefined;
}

function lineWords(program: Program, line: string): readonly string[] {
  const [, name = '', value = ''] = /^([^\s=]+)\s*[\s=]?\s*(.*)$/.exec(line) ?? [];
  const [, word = name, setting] = /^(env|php_admin_value|php_admin_flag|php_value)\[([^\]]+)\]$/.exec(name) ?? [];
  if (setting !== undefined) return word === 'env' ? [word] : [word, `php:${setting}`];
  const values = program === 'sshd' ? value.split(',') : [value];
  return [name, ...values.map((each) => `${name}=${each}`)];
}

function nginxWords(lines: readonly string[]): readonly string[] {
  const found: string[] = [];
  let isMap = false;
  for (const line of lines) {
    if (!isMap)
      for (const [, name = '', value = ''] of line.matchAll(/(?:^|[;{]\s*)([a-z][a-z0-9_]*)(?=[\s;]|$)([^;{]*)/g))
        found.push(
          name,
          ...value
            .trim()
            .split(/\s+/)
            .map((each) => `${name}=${each}`),
        );
    isMap = isMap ? line !== '}' : /^(?:map|geo)\b.*\{$/.test(line);
  }
  return found;
}

/** Returns the directives in all files for a host with these facts. */
function writtenFor(facts: Facts, server: 'MariaDB' | 'MySQL'): readonly (readonly [Program, string])[] {
  return configurations(server === 'MySQL' ? 'mysql' : 'mariadb').flatMap((each) =>
    gather(site, viewOf(each, facts)).flatMap(({ resource: { kind, id, attributes } }) => {
      const { content } = attributes as { readonly content?: string };
      return kind === 'file' && content !== undefined ? directivesIn(id, content, server) : [];
    }),
  );
}

function knownSince(program: Program, word: string): string | undefined {
  return Object.entries(since[program]).find(([, words]) => words.split(' ').includes(word))?.[0];
}

function isBefore(one: string, other: string): boolean {
  return one.localeCompare(other, 'en', { numeric: true }) < 0;
}

describe('configuration for a program', () => {
  test.each(shipped)('%s: its version knows every directive of', (_, facts, versions) => {
    const servers = (['MariaDB', 'MySQL'] as const).filter((server) => versions[server] !== 'none');
    const written = servers.flatMap((server) => writtenFor(facts, server));
    expect(written.length).toBeGreaterThan(300);
    const unknown = written.flatMap(([program, word]) => {
      const version = knownSince(program, word);
      // A value needs a line here only if it is newer than its directive.
      if (version === undefined) return word.includes('=') ? [] : [`${program} ${word} is in no table`];
      const last = until[program]?.[word];
      if (last !== undefined && !isBefore(versions[program], last)) return [`${program} ${versions[program]} no longer has ${word}`];
      return isBefore(versions[program], version) ? [`${program} ${versions[program]} does not know ${word} (${version})`] : [];
    });
    expect([...new Set(unknown)]).toEqual([]);
  });

  test('covers the whole table', () => {
    const written = new Set(
      shipped.flatMap(([, facts, { MySQL }]) =>
        (MySQL === 'none' ? (['MariaDB'] as const) : (['MariaDB', 'MySQL'] as const)).flatMap((server) =>
          writtenFor(facts, server).map(([program, word]) => `${program} ${word}`),
        ),
      ),
    );
    const stale = Object.entries(since).flatMap(([program, versions]) =>
      Object.values(versions).flatMap((words) =>
        words
          .split(' ')
          .filter((word) => !written.has(`${program} ${word}`))
          .map((word) => `${program} ${word}`),
      ),
    );
    expect(stale).toEqual([]);
  });
});
