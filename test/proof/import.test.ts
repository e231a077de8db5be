import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask } from '../lab/ask.ts';
import { begin, type Ended, folder, named } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { blogScript, oldPackages, shopScript, treeScript, wordsForBoth } from '../lab/old-server.ts';
import { stack } from '../lab/packages.ts';

/** 13,000 rows of 16 kB are a dump of about 210 MB. */
const large = { rows: 13_000, uploads: 300 };

describe('a move of two sites from a server that somebody has set up by hand', () => {
  const old = lab('trixie', { include: oldPackages });
  const next = lab('trixie', { include: stack });
  const [shop, blog] = [folder(), folder()];
  let before = '';

  const move = (cwd: string, domain: string, ...args: readonly string[]) => {
    const words = [...wordsForBoth(old.host, next.host, cwd), '--server', `root@${next.host.address}`];
    return begin(['import', ...words, '--site', domain, '--yes', '--json', ...args], { cwd });
  };
  const details = (ended: Ended, name: string) =>
    named(ended, 'check').flatMap((check) => (check.check === name ? [String(check.detail)] : []));

  /** Starts a move, and kills it when its output has this text. */
  const killedAt = async (text: RegExp) => {
    const { child, ended } = move(shop, 'shop.test');
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (text.test(said)) child.kill('SIGKILL');
    });
    await ended;
    expect(said).toMatch(text);
    return said;
  };

  test('begins with a large shop and a small blog', async () => {
    const made = await exec(old.host, `${shopScript(large)}\n${blogScript}\n`);
    expect(made.stderr).toBe('');
    const key = readFileSync(`${next.host.identity}.pub`, 'utf8');
    await exec(
      old.host,
      `cat >>/root/.ssh/authorized_keys <<'END'\n${key}END\nfor n in $(seq 20); do head -c 20000000 /dev/urandom >"/var/www/shop/wp-content/uploads/film $n.mp4"; done; chown -R www-data: /var/www/shop`,
    );
    before = (await exec(old.host, treeScript)).stdout;
  });

  test('is interrupted during the shared files, then during the database, and continues each time', async () => {
    await killedAt(/copying the shared files: \d{3}\.\d MB/);
    const said = await killedAt(/copying the database: \d{2}\.\d MB/);
    // The files that had arrived did not travel again.
    const [, count] = /"check":"shared files","state":"ok","detail":"(\d+) files/.exec(said) ?? [];
    expect(Number(count)).toBeGreaterThan(0);
    expect(Number(count)).toBeLessThan(325);
    const ended = await move(shop, 'shop.test').ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect(details(ended, 'shared files').at(-1)).toMatch(/^0 files copied/);
    expect(details(ended, 'database').at(-1)).toMatch(/^1 table with 13000 rows, 2\d\d\.\d MB/);
  });

  test('ends with the same pages', async () => {
    expect((await ask(next.host.address, 'shop.test'))?.body).toBe((await ask(old.host.address, 'shop.test'))?.body);
    const ended = await move(blog, 'blog.test').ended;
    expect(ended.code, ended.stderr).toBe(0);
    const { stdout } = await exec(
      old.host,
      `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new("127.0.0.1:8080"); print $s "GET / HTTP/1.0\\r\\nHost: blog.test\\r\\n\\r\\n"; print <$s>' | sed '1,/^\\r$/d'`,
    );
    expect((await ask(next.host.address, 'blog.test'))?.body).toBe(stdout);
    expect(stdout).toContain('één,zwei 😀');
    expect(existsSync(join(blog, 'blog.test/.env'))).toBe(false);
  });

  test('has changed nothing on the old server', async () => {
    expect((await exec(old.host, treeScript)).stdout).toBe(before);
  });

  test('copies the database once more at the switch, and nothing else where nothing else has changed', async () => {
    await exec(old.host, `mariadb shop -e "INSERT INTO posts (title) VALUES ('zzz last')"`);
    const ended = await move(shop, 'shop.test', '--again').ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect([details(ended, 'application').at(-1), details(ended, 'shared files').at(-1)]).toEqual([
      expect.stringMatching(/^0 files/),
      expect.stringMatching(/^0 files/),
    ]);
    expect((await ask(next.host.address, 'shop.test'))?.body).toContain('13001 posts, the last is ZZZ LAST');
  });
});
