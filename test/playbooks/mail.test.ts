import { describe, expect, test } from 'vitest';
import mail from '../../playbooks/application/mail.ts';
import { php } from '../../playbooks/runtimes/php/php.ts';
import type { Site } from '../../src/index.ts';
import { type Mail, Secret } from '../../src/index.ts';
import { config } from './configs.ts';
import { trixie } from './hosts.ts';
import { contentOf, list } from './list.ts';
import { scopeOf } from './view.ts';

const relay: Mail = { host: 'smtp.example.net', port: 587, from: 'shop@foobar.com', encryption: 'starttls' };
const login = { user: 'shop', password: new Secret('hidden') };
const settings = '/srv/www/foobar.com/.config/msmtp/config';
const settingsOf = (given: Partial<Mail>) => contentOf(mail, config({ more: { mail: { ...relay, ...given } } }), trixie, settings);

describe('mail', () => {
  test('consists of a mail program and the settings of the site, which only the site can read', () => {
    expect(list(mail, config({ more: { mail: { ...relay, login } } }), trixie)).toEqual([
      'package:msmtp-mta',
      'package:ca-certificates',
      'secret:foobar.com.mail',
      'directory:/srv/www/foobar.com/.config 0755',
      'directory:/srv/www/foobar.com/.config/msmtp 0755',
      `file:${settings} 0400 foobar_com:foobar_com filling foobar.com.mail`,
    ]);
    expect(list(mail, config(), trixie)).toEqual([]);
  });

  test.each<readonly [Partial<Mail>, readonly string[]]>([
    [{}, ['tls on', 'tls_starttls on', 'auth off', 'from shop@foobar.com', 'port 587']],
    [{ login }, ['auth on', 'user "shop"', 'password "{{secret:foobar.com.mail}}"']],
    [{ encryption: 'implicit', port: 465 }, ['tls on', 'tls_starttls off', 'port 465']],
    [{ encryption: 'none', login }, ['tls off', 'auth plain']],
  ])("%j is written in msmtp's notation", (given, expected) => {
    expect(settingsOf(given).split('\n')).toEqual(expect.arrayContaining([...expected]));
  });

  test('is used by Laravel and Symfony', () => {
    const environment = JSON.stringify(php.instance(scopeOf(config({ more: { mail: relay } })), trixie));
    expect(environment).toContain('shop@foobar.com');
    expect(JSON.stringify(php.instance(scopeOf(config()), trixie))).not.toContain('MAIL_');
  });
});

describe('a site that calls mail()', () => {
  const recognized = { ...config().sites[0].app.source.recognized, sendsMail: true } as const;
  const said = (more: Partial<Pick<Site, 'mail'>>, facts = trixie, packages: readonly string[] = []) => {
    const wanted = { ...config({ source: { recognized }, more }), packages };
    return mail.remarks?.(scopeOf(wanted), facts) ?? [];
  };

  test('causes a remark if no mail program is installed', () => {
    expect(said({})).toHaveLength(1);
    expect(said({})[0]).toMatch(/^foobar\.com sends mail with mail\(\), which fails on this host/);
  });

  test('causes no remark with a relay or a mail program', () => {
    const withPostfix = { ...trixie, packages: { ...trixie.packages, postfix: { installed: '3.10' } } };
    expect([said({ mail: relay }), said({}, withPostfix), said({}, trixie, ['dma'])]).toEqual([[], [], []]);
    expect(mail.remarks?.(scopeOf(config()), trixie)).toEqual([]);
  });
});
