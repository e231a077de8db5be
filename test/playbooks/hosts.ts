import type { Facts } from '../../src/index.ts';

/** Hosts as facts, before anything was installed on them. */
export const trixie: Facts = {
  distribution: 'debian',
  version: '13',
  title: 'Debian GNU/Linux 13 (trixie)',
  architecture: 'x86_64',
  processors: 2,
  memory: 4096,
  addresses: ['192.0.2.7', '2001:db8::7'],
  hostname: 'web',
  ipv6: true,
  container: false,
  ssh: { ports: [22], hostKeys: { 'ssh-ed25519': 256, 'ssh-rsa': 3072 }, login: { user: 'root', by: 'key', hostKey: 'ssh-ed25519' } },
  packages: {
    'mariadb-server': { candidate: '1:11.8.6-0+deb13u1' },
    nginx: { candidate: '1.26.3-3+deb13u11' },
    openssl: { candidate: '3.5.7-1~deb13u3' },
    'php-fpm': { candidate: '2:8.4+96' },
  },
};

export const bookworm: Facts = {
  ...trixie,
  version: '12',
  title: 'Debian GNU/Linux 12 (bookworm)',
  packages: {
    'mariadb-server': { candidate: '1:10.11.19-0+deb12u1' },
    nginx: { candidate: '1.22.1-9+deb12u9' },
    openssl: { candidate: '3.0.22-1~deb12u2' },
    'php-fpm': { candidate: '2:8.2+93' },
  },
};

export const sid: Facts = {
  ...trixie,
  version: 'sid',
  title: 'Debian GNU/Linux forky/sid',
  packages: {
    'mysql-server': { candidate: '9.7.4-2' },
    'mariadb-server': { candidate: '1:11.8.9+ds-4' },
    nginx: { candidate: '1.30.4-2' },
    openssl: { candidate: '3.6.5-1' },
    'php-fpm': { candidate: '2:8.4+101' },
  },
};

export const ubuntu: Facts = {
  ...trixie,
  distribution: 'ubuntu',
  version: '24.04',
  title: 'Ubuntu 24.04.3 LTS',
  packages: {
    'mysql-server': { candidate: '8.0.43-0ubuntu0.24.04.2' },
    'mariadb-server': { candidate: '1:10.11.13-0ubuntu0.24.04.1' },
    nginx: { candidate: '1.24.0-2ubuntu7.5' },
    openssl: { candidate: '3.0.13-0ubuntu3.6' },
    'php-fpm': { candidate: '2:8.3+93ubuntu2' },
  },
};
