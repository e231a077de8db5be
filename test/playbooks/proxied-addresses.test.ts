import { describe, expect, test } from 'vitest';
import workers from '../../playbooks/application/background-jobs.ts';
import { proxiedAddresses, upgrades } from '../../playbooks/web/proxied-addresses.ts';
import { config } from './configs.ts';
import { trixie } from './hosts.ts';
import { contentOf, list } from './list.ts';

const wanted = config({
  more: {
    workers: {
      chat: { command: 'node chat.js', count: 1, listens: { kind: 'socket' } },
      api: { command: 'node api.js', count: 1, listens: { kind: 'port', port: 6001 } },
    },
  },
  web: {
    proxy: [
      { path: '/ws', to: { kind: 'worker', name: 'chat' } },
      { path: '/v1.0', to: { kind: 'worker', name: 'api' } },
      { path: '/tiles', to: { kind: 'port', port: 8080 } },
    ],
  },
});
const [site] = wanted.sites;

describe('addresses that other programs answer', () => {
  test('are passed to a socket or a port', () => {
    const found = [...proxiedAddresses(site).matchAll(/location ~ (\S+) \{\n {4}proxy_pass (\S+);/g)].map(([, from, to]) => [from, to]);
    expect(found).toEqual([
      ['^/ws(?:/|$)', 'http://unix:/run/worker-foobar.com-chat/http.sock'],
      ['^/v1\\.0(?:/|$)', 'http://127.0.0.1:6001'],
      ['^/tiles(?:/|$)', 'http://127.0.0.1:8080'],
    ]);
    expect(upgrades(site)).toContain('map $http_upgrade $foobar_com_connection {');
  });

  test('are none without a configuration', () => {
    const [plain] = config().sites;
    expect([proxiedAddresses(plain), upgrades(plain)]).toEqual(['', '']);
  });
});

describe('a worker that answers requests', () => {
  const unitOf = (name: string) => contentOf(workers, wanted, trixie, `/etc/systemd/system/foobar.com-${name}@.service`);

  test('gets a socket that nginx can reach and no other site can', () => {
    const unit = unitOf('chat');
    expect(unit).toContain('\nEnvironment=SOCKET=/run/worker-foobar.com-chat/http.sock\n');
    expect(unit).toContain('install -d -o foobar_com -g www-data -m 2710 /run/worker-foobar.com-chat\n');
    expect(unit.lastIndexOf('UMask=0002')).toBeGreaterThan(unit.lastIndexOf('UMask=0022'));
  });

  test('gets a port that nobody else may have', () => {
    expect(unitOf('api')).toContain('\nEnvironment=PORT=6001\n');
    expect(unitOf('api')).not.toContain('SOCKET');
    expect(list(workers, wanted, trixie)).toContain('service:foobar.com-api@1.service running enabled');
  });
});
