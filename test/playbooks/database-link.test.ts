import { describe, expect, test } from 'vitest';
import linkClient from '../../playbooks/database/link-client.ts';
import linkServer from '../../playbooks/database/link-server.ts';
import mysql from '../../playbooks/database/server.ts';
import firewall from '../../playbooks/host/firewall.ts';
import { site } from '../../playbooks/site.ts';
import type { InventoryHost } from '../../src/config/inventory.ts';
import type { Peer } from '../../src/engine/peers.ts';
import { gather, playbooksFor } from '../../src/engine/playbook.ts';
import { aboutOf, type Config, type Facts, type Playbook, Problem, Secret } from '../../src/index.ts';
import { config } from './configs.ts';
import { trixie } from './hosts.ts';
import { viewOf } from './view.ts';

const web: InventoryHost = { name: 'root@web', roles: ['web'] };
const database: InventoryHost = { name: 'root@db', roles: ['database'] };
const at = (address: string): Facts => ({ ...trixie, addresses: [address], ssh: { ...trixie.ssh, address } });
const [onWeb, onDatabase] = [at('10.0.0.1'), at('10.0.0.2')];
const pair = (...sites: Parameters<typeof config>): Config => ({ ...config(...sites), hosts: [web, database] });

interface Given {
  readonly host: InventoryHost;
  readonly facts?: Facts;
  readonly peer?: Partial<Peer>;
  readonly wanted?: Config;
}

function resources(playbook: Playbook, { host, facts, peer, wanted = pair() }: Given) {
  const [own, other] = host === web ? [onWeb, { host: database, facts: onDatabase }] : [onDatabase, { host: web, facts: onWeb }];
  return gather([playbook], viewOf(wanted, facts ?? own, host, [{ ...other, ...peer }])).map(({ resource }) => resource);
}

function contentIn(playbook: Playbook, path: string, given: Given): string {
  const found = resources(playbook, given).find(({ id }) => id === path);
  if (!found) throw new TypeError(`the playbook lists no ${path}`);
  return (found.attributes as { content: string }).content;
}

const idsOf = (playbook: Playbook, given: Given) => resources(playbook, given).map(({ kind, id }) => `${kind}:${id}`);

describe('a database on another server', () => {
  test('accepts the web server alone, by its address and its certificate, and leads to the database over TCP', () => {
    const text = contentIn(linkServer, '/etc/foobar-provision/database-link.cfg', { host: database });
    expect(text).toContain(
      'bind 10.0.0.2:3307 ssl crt /etc/foobar-provision/secrets/fleet.database ca-file /etc/foobar-provision/secrets/fleet.authority verify required',
    );
    expect(text).toContain('reject unless { src 10.0.0.1 }');
    expect(text).toContain('server local 127.0.0.1:3306');
  });

  test('is reached by the socket and the port of a local one, from the address that it accepts', () => {
    const text = contentIn(linkClient, '/etc/foobar-provision/database-link.cfg', { host: web });
    expect(text).toContain('bind unix@/run/mysqld/mysqld.sock mode 666');
    expect(text).toContain('bind 127.0.0.1:3306');
    expect(text).toMatch(/server database 10\.0\.0\.2:3307 source 10\.0\.0\.1 ssl verify required verifyhost fleet\.database /);
  });

  test('is reached at the addresses that the configuration names', () => {
    const v6: InventoryHost = { ...database, address: '2001:db8::2' };
    const wanted = { ...pair(), hosts: [web, v6] };
    const text = contentIn(linkClient, '/etc/foobar-provision/database-link.cfg', {
      host: web,
      facts: at('2001:db8::1'),
      peer: { host: v6, facts: { ...onDatabase, addresses: ['10.0.0.2', '2001:db8::2'] } },
      wanted,
    });
    expect(text).toContain('server database [2001:db8::2]:3307 source 2001:db8::1 ');
  });

  test.each([
    ['IPv4', onWeb, 'ip saddr 10.0.0.1 tcp dport 3307 accept'],
    ['IPv6', at('2001:db8::1'), 'ip6 saddr 2001:db8::1 tcp dport 3307 accept'],
  ])('opens its firewall to that server alone, by %s, and to no visitors', (_, facts, rule) => {
    const text = contentIn(firewall, '/etc/nftables.conf', { host: database, peer: { facts } });
    expect(text).toContain(rule);
    expect(text.match(/dport 3307/g)).toHaveLength(1);
    expect(text).not.toContain('443');
  });

  test('opens nothing on the web server', () => {
    expect(contentIn(firewall, '/etc/nftables.conf', { host: web })).not.toContain('3307');
  });

  test('has a CA, a certificate for each side, and a user for the dump programs', () => {
    expect(idsOf(linkServer, { host: database }).filter((id) => id.startsWith('fleet-'))).toEqual([
      'fleet-certificate:fleet.authority',
      'fleet-certificate:fleet.database',
      'fleet-certificate:fleet.client-root-web',
    ]);
    expect(idsOf(mysql, { host: database })).toContain('user:foobar_com');
  });

  test('gives the web server its own certificate and the passwords, and not the key of the CA', () => {
    const known = new Map([['foobar.com.database', new Secret('generated')]]);
    const all = resources(linkClient, { host: web, peer: { secret: (name) => known.get(name) } }).filter(({ kind }) => kind === 'secret');
    expect(all.map(({ id, attributes }) => [id, (attributes as { from: { host: string } }).from.host])).toEqual([
      ['fleet.authority', 'root@db'],
      ['fleet.client-root-web', 'root@db'],
      ['foobar.com.database', 'root@db'],
    ]);
  });

  test('stops a server that was on the web server before', () => {
    const packages = { ...onWeb.packages, 'mariadb-server': { installed: '1:11.8.6' } };
    const stopped = resources(linkClient, { host: web, facts: { ...onWeb, packages } }).find(({ id }) => id === 'mariadb.service');
    expect(stopped?.attributes).toMatchObject({ running: false, enabled: false });
  });

  test('changes nothing of the other playbooks: none disagrees with another', () => {
    for (const [host, facts, peer] of [
      [web, onWeb, { host: database, facts: onDatabase }],
      [database, onDatabase, { host: web, facts: onWeb }],
    ] as const)
      expect(gather(playbooksFor(host, site), viewOf(pair({}, { domain: 'two.test' }), facts, host, [peer])).length).toBeGreaterThan(40);
  });
});

describe('without a database on another server', () => {
  test.each<readonly [string, Config, InventoryHost]>([
    ['one server', config(), { name: 'host.test', roles: ['balancer', 'web', 'database', 'cache'] }],
    ['two servers, no database', pair({ database: { engine: 'none' } }), web],
    ['two servers, no database', pair({ database: { engine: 'none' } }), database],
    ['a database server alone', { ...config(), hosts: [database] }, database],
  ])('nothing is listed: %s', (_, wanted, host) => {
    expect([linkServer, linkClient].flatMap((playbook) => gather([playbook], viewOf(wanted, onWeb, host)))).toEqual([]);
  });
});

describe('a problem, before anything is changed', () => {
  const other = { ...aboutOf(config({ domain: 'other.test' })), name: 'other.test' };
  test.each<readonly [string, Playbook, Given, string]>([
    ['the other server was not asked', linkClient, { host: web, peer: { facts: undefined } }, 'root@db was not asked about its address'],
    ['the same on the database server', linkServer, { host: database, peer: { facts: undefined } }, 'root@web was not asked'],
    [
      'an address that the server does not have',
      linkServer,
      { host: { ...database, address: '10.9.9.9' } },
      'root@db does not have the address 10.9.9.9',
    ],
    ['IPv4 and IPv6', linkClient, { host: web, peer: { facts: at('2001:db8::2') } }, 'are addresses of different families'],
    [
      'another configuration',
      linkClient,
      { host: web, facts: { ...onWeb, others: [other] } },
      'root@web also has the configuration other.test',
    ],
  ])('%s', (_, playbook, given, message) => {
    expect(() => resources(playbook, given)).toThrow(Problem);
    expect(() => resources(playbook, given)).toThrow(message);
  });
});
