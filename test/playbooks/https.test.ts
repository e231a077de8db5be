import { describe, expect, test } from 'vitest';
import https from '../../playbooks/web/acme.ts';
import nginx from '../../playbooks/web/server.ts';
import { Secret } from '../../src/index.ts';
import { config } from './configs.ts';
import { bookworm, sid, trixie, ubuntu } from './hosts.ts';
import { contentOf, list } from './list.ts';
import { scopeOf } from './view.ts';

const acme = { directory: 'https://ca.example/dir', rehearsal: 'https://staging.example/dir', email: 'ops@foobar.com' };
const byCa = config({ https: { certificate: { kind: 'acme', acme } } });
const proven = config({ https: { certificate: { kind: 'acme', acme }, proven: true } });
const selfSigned = config({ names: ['foobar.com'], https: { certificate: { kind: 'self-signed' }, guideline: 'modern' } });
const own = config({ https: { certificate: { kind: 'own', chain: 'chain\n', key: new Secret('key') } } });
const proxied = config({ https: { certificate: { kind: 'acme', acme } }, web: { proxies: ['10.0.0.0/8', '2001:db8::7'], cache: 1 } });
const open = config({ https: { certificate: { kind: 'acme', acme }, redirects: false } });
const ipv4 = { ...bookworm, ipv6: false };

describe('HTTPS', () => {
  test.each([
    ['site-https', byCa, trixie, '/etc/nginx/sites-available/foobar.com.conf'],
    ['site-https-one-name', selfSigned, ipv4, '/etc/nginx/sites-available/foobar.com.conf'],
    ['default-tls', byCa, trixie, '/etc/nginx/sites-available/foobar-default-tls.conf'],
    ['default-tls-modern-bookworm', selfSigned, ipv4, '/etc/nginx/sites-available/foobar-default-tls.conf'],
    ['tls', byCa, trixie, '/etc/nginx/snippets/foobar.com.tls.conf'],
    ['tls-own', own, bookworm, '/etc/nginx/snippets/foobar.com.tls.conf'],
    ['intermediate', byCa, trixie, '/etc/nginx/snippets/foobar-tls-intermediate.conf'],
    ['modern-bookworm', selfSigned, ipv4, '/etc/nginx/snippets/foobar-tls-modern.conf'],
    ['waiting', byCa, trixie, '/etc/foobar-provision/tls/foobar.com/self/http.conf'],
    ['ready', byCa, trixie, '/etc/foobar-provision/tls/foobar.com/ca/http.conf'],
    ['site-https-proxied', proxied, trixie, '/etc/nginx/sites-available/foobar.com.conf'],
    ['proxies', proxied, trixie, '/etc/nginx/snippets/foobar.com.proxies.conf'],
    ['ready-proxied', proxied, trixie, '/etc/foobar-provision/tls/foobar.com/ca/http.conf'],
    ['site-https-open', open, trixie, '/etc/nginx/sites-available/foobar.com.conf'],
    ['ready-open', open, trixie, '/etc/foobar-provision/tls/foobar.com/ca/http.conf'],
    ['hsts', proven, trixie, '/etc/nginx/snippets/foobar.com.hsts.conf'],
  ])('its configuration: %s', async (name, wanted, facts, path) => {
    await expect(contentOf(nginx, wanted, facts, path)).toMatchFileSnapshot(`expected/nginx-${name}.conf`);
  });

  test('what a CA is asked for', async () => {
    await expect(contentOf(https, byCa, trixie, '/etc/foobar-provision/tls/foobar.com/request')).toMatchFileSnapshot(
      'expected/certificate-request.sh',
    );
  });

  test.each([
    ['HTTP alone', config()],
    ['what is decided only when the host is reached', config({ https: { certificate: { kind: 'auto', acme } } })],
  ])('there is none for %s', (_, wanted) => {
    expect(list(https, wanted, trixie)).toEqual([]);
    expect(https.health?.(scopeOf(wanted), trixie)).toEqual([]);
    expect(list(nginx, wanted, trixie).filter((line) => /tls|ssl|self-signed|certbot/.test(line))).toEqual([]);
  });

  test.each([
    [
      'the CA',
      byCa,
      ['directory:/etc/foobar-provision/tls 0700', 'directory:/etc/foobar-provision/tls/foobar.com 0700 ours', 'self-signed:foobar.com'],
    ],
    [
      'the site alone',
      selfSigned,
      ['directory:/etc/foobar-provision/tls 0700', 'directory:/etc/foobar-provision/tls/foobar.com 0700 ours', 'self-signed:foobar.com'],
    ],
    [
      'the owner',
      own,
      [
        'directory:/etc/foobar-provision/tls 0700',
        'directory:/etc/foobar-provision/tls/foobar.com 0700 ours',
        'secret:foobar.com.key-3b653cb6dd55',
        'file:/etc/foobar-provision/tls/foobar.com/own-3b653cb6dd55.pem 0644 => reload:nginx.service',
      ],
    ],
  ])('a certificate by %s exists before nginx needs it', (_, wanted, expected) => {
    expect(
      list(nginx, wanted, trixie).filter((line) => /tls [0-9]|foobar\.com [0-9]+ ours|own-|self-signed|secret:foobar/.test(line)),
    ).toEqual(expected);
  });

  test("a CA's certificate needs certbot, its timer, and a timer for pending certificates", () => {
    expect(list(https, byCa, trixie)).toEqual([
      'package:certbot',
      'package:openssl',
      'file:/usr/local/sbin/foobar-provision-certificate 0755',
      'file:/etc/foobar-provision/tls/foobar.com/request 0600',
      'file:/etc/systemd/system/foobar-provision-certificate.service 0644 => reload:systemd',
      'file:/etc/systemd/system/foobar-provision-certificate.timer 0644 => reload:systemd',
      'service:certbot.timer running enabled',
      'service:foobar-provision-certificate.timer running enabled',
      'certificate:foobar.com',
    ]);
  });

  test('HSTS is sent only once HTTPS is proven', () => {
    const hsts = 'file:/etc/nginx/snippets/foobar.com.hsts.conf 0644 => reload:nginx.service';
    expect(list(nginx, byCa, trixie)).not.toContain(hsts);
    expect(list(nginx, proven, trixie)).toContain(hsts);
    const never = config({ https: { certificate: { kind: 'acme', acme }, proven: true, hsts: 0 } });
    expect(list(nginx, never, trixie)).not.toContain(hsts);
  });

  test.each([
    ['trixie', trixie, ['X25519MLKEM768:X25519', 'http2 on;', 'quic', 'ssl_reject_handshake on;']],
    ['bookworm', bookworm, ['ssl http2', 'ssl_reject_handshake on;']],
    ['sid', sid, ['X25519MLKEM768:X25519', 'http2 on;', 'quic', 'ssl_reject_handshake on;']],
    ['Ubuntu 24.04', ubuntu, ['ssl http2', 'ssl_reject_handshake on;']],
    ['an nginx of 2018', { ...ubuntu, packages: { ...ubuntu.packages, nginx: { candidate: '1.18.0-6ubuntu14' } } }, ['ssl http2']],
  ])('on %s nginx gets the directives that it supports', (_, facts, expected) => {
    const all = [
      'sites-available/foobar.com',
      'sites-available/foobar-default-tls',
      'snippets/foobar.com.tls',
      'snippets/foobar-tls-intermediate',
    ]
      .map((path) => contentOf(nginx, byCa, facts, `/etc/nginx/${path}.conf`))
      .join('\n');
    const words = ['X25519MLKEM768:X25519', 'ssl http2', 'http2 on;', 'quic', 'ssl_reject_handshake on;'];
    expect(words.filter((word) => all.includes(word)).sort()).toEqual([...expected].sort());
  });

  test('sites that follow two guidelines share a way to refuse others', () => {
    const both = config(
      { https: { certificate: { kind: 'self-signed' }, guideline: 'modern' } },
      { domain: 'two.test', https: { certificate: { kind: 'self-signed' } } },
    );
    expect(contentOf(nginx, both, trixie, '/etc/nginx/sites-available/foobar-default-tls.conf')).toContain('foobar-tls-intermediate');
  });
});

describe('options', () => {
  test('responses are cached', () => {
    const wanted = config({ web: { cache: 5 } });
    expect(list(nginx, wanted, trixie)).toContain('directory:/var/lib/nginx/cache-foobar.com 0700 www-data:www-data ours');
  });
});
