import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../lab/ask.ts';
import { type Authority, authority, withoutAuthority } from '../lab/authority.ts';
import { begin, type Ended, folder, named } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { oldPackages, shopScript, wordsForBoth } from '../lab/old-server.ts';
import { stack } from '../lab/packages.ts';

const names = ['shop.test', 'www.shop.test'];

describe('the last copy of a move, while the names of the site point to', () => {
  const reason = withoutAuthority();
  const old = lab('trixie', { include: oldPackages }, reason);
  const next = lab('trixie', { include: stack }, reason);
  const cwd = folder();
  let dns: Authority | undefined;
  let serial = 0;

  beforeAll(async () => {
    if (reason !== undefined) return;
    dns = await authority(old.host.gateway);
    const made = await exec(old.host, shopScript());
    expect(made.stderr, made.stdout).toBe('');
    const key = readFileSync(`${next.host.identity}.pub`, 'utf8');
    await exec(old.host, `cat >>/root/.ssh/authorized_keys <<'END'\n${key}END\n`);
    const config = { server: `root@${next.host.address}`, domain: 'shop.test', app: { source: 'shop.test' }, php: { extensions: [] } };
    writeFileSync(`${cwd}/foobar.config.json`, JSON.stringify({ ...config, https: false }));
  });
  afterAll(async () => {
    await dns?.end();
  });

  const move = (...args: readonly string[]) => {
    const words = ['import', ...wordsForBoth(old.host, next.host, cwd), '--site', 'shop.test', '--yes', '--json', ...args];
    return begin(words, { cwd, env: dns?.env ?? {} }).ended;
  };
  const said = (ended: Ended) =>
    named(ended, 'check').flatMap(({ check, state, detail }) => (check === 'DNS' ? [`${state}: ${detail}`] : []));
  const post = (title: string) => exec(old.host, `mariadb shop -e "INSERT INTO posts (title) VALUES ('${title}')"`);
  const pageOfNew = async () => (await ask(next.host.address, 'shop.test'))?.body;

  test('the old server at first: the site is moved', async () => {
    await dns?.lead(names, old.host.address);
    const ended = await move();
    expect(ended.code, ended.stderr).toBe(0);
    expect(await pageOfNew()).toContain('50 posts');
  });

  /** The addresses of the first name, and of the other one. */
  const places: readonly (readonly [string, () => readonly string[], () => readonly string[], readonly RegExp[]])[] = [
    [
      'the old server',
      () => [old.host.address],
      () => [old.host.address],
      [/^ok: shop\.test points to the old server \(198\./, /^ok: www/],
    ],
    [
      'elsewhere',
      () => ['203.0.113.9'],
      () => [old.host.address],
      [/^warning: shop\.test points to 203\.0\.113\.9, which is neither/, /^ok: www/],
    ],
    ['nothing', () => [], () => [], [/^warning: shop\.test has no address in DNS$/, /^warning: www/]],
  ];
  test.each(places)('%s: it is said, and what has changed is copied', async (_, first, other, expected) => {
    await dns?.lead(['shop.test'], ...first());
    await dns?.lead(['www.shop.test'], ...other());
    serial += 1;
    await post(`zzz ${serial}`);
    const ended = await move('--again');
    expect(ended.code, ended.stderr).toBe(0);
    expect(said(ended)).toEqual(expected.map((each) => expect.stringMatching(each)));
    expect(await pageOfNew()).toContain(`${50 + serial} posts, the last is ZZZ ${serial}`);
  });

  test('the new server: refused, and what visitors have written there stays, unless it may be replaced', async () => {
    await dns?.lead(['shop.test'], next.host.address);
    await dns?.lead(['www.shop.test'], old.host.address, next.host.address);
    await post('zzz old');
    await exec(next.host, `mariadb shop_test -e "INSERT INTO posts (title) VALUES ('zzzz by a visitor')"`);
    const refused = await move('--again');
    expect(refused.code).toBe(1);
    expect(said(refused)).toEqual([
      expect.stringMatching(/^warning: shop\.test points to the new server already/),
      expect.stringMatching(/^warning: www\.shop\.test points to the new server and to others/),
    ]);
    expect(refused.stderr).toContain('so visitors may have written to its database');
    expect(refused.stderr).toContain('--allow-destroy');
    expect(await pageOfNew()).toContain('the last is ZZZZ BY A VISITOR');
    const replaced = await move('--again', '--allow-destroy');
    expect(replaced.code, replaced.stderr).toBe(0);
    expect(await pageOfNew()).toContain(`${50 + serial + 1} posts, the last is ZZZ OLD`);
  });
});
