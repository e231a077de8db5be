import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../lab/backup.ts';
import { cli, folder } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';
import { stack } from '../lab/packages.ts';
import { ask } from '../lab/visitor.ts';

const page = `<?php
$db = new PDO('mysql:unix_socket=' . getenv('DB_SOCKET') . ';dbname=' . getenv('DB_NAME'), getenv('DB_USER'), getenv('DB_PASSWORD'));
echo getenv('TOKEN'), ' ', getenv('STORED'), ' ', implode(',', $db->query('SELECT name FROM orders ORDER BY id')->fetchAll(PDO::FETCH_COLUMN)), ' ', @file_get_contents('up/a.txt');
`;

const config = `import { defineConfig, Secret } from 'foobar-provision';
const site = { www: false, https: false } as const;
export default defineConfig({
  name: 'two',
  host: { upgrades: false, integrity: false },
  backups: { to: '/mnt/backups', drill: false },
  sites: [
    {
      ...site, domain: 'shop.test', database: { engine: 'mariadb' },
      app: { source: './shop', shared: ['up'], writable: ['cache'], env: { TOKEN: new Secret('a b:c') } },
      workers: { queue: { command: 'sleep 1000' } },
      cron: { tidy: { command: 'true', schedule: 'daily' } },
    },
    { ...site, domain: 'page.test', database: { engine: 'none' }, app: { source: './page' } },
  ],
});
`;

describe('a host is restored from nothing but the address and the passphrase of its repository', () => {
  const old = lab('trixie', { include: stack });
  const bare = lab('trixie', { include: stack });

  test('with its files, rows, secrets and variables', { timeout: 900_000 }, async () => {
    const cwd = folder({
      'foobar.config.ts': config,
      'shop/index.php': page,
      'shop/up/a.txt': 'as sent',
      'shop/cache/empty': '',
      'shop/migrations/0001.sql': 'CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60));',
      'page/index.html': 'a page',
    });
    await exec(old.host, 'mkdir /mnt/backups');
    const applied = await cli(old.host, 'apply', ['--yes'], { cwd });
    expect(applied.code, applied.stderr).toBe(0);
    await cli(old.host, 'env', ['set', 'STORED', '--site', 'shop.test'], { cwd, input: 'kept "here"\n' });
    await exec(
      old.host,
      `mariadb --default-character-set=utf8mb4 shop_test -e "INSERT INTO orders (name) VALUES ('Zoë'), ('b'); CREATE VIEW names AS SELECT name FROM orders; CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.name = UPPER(NEW.name)"
       cd /srv/www/shop.test/shared && setpriv --reuid=shop_test --regid=shop_test --clear-groups sh -c 'printf changed >up/a.txt; head -c 3000000 /dev/urandom >up/b; ln -s /etc/shadow up/link; echo é >"up/with space"'
       setpriv --reuid=shop_test --regid=shop_test --clear-groups ln -s /etc "/srv/www/shop.test/current/cache/link"`,
    );
    const now = await cli(old.host, 'backup', ['now'], { cwd });
    expect(now.code, now.stderr).toBe(0);
    const passphrase = (await exec(old.host, 'cat /etc/foobar-provision/secrets/two.backup')).stdout.trim();
    await cp(join(old.host.root, 'mnt/backups'), join(bare.host.root, 'mnt/backups'), { recursive: true });

    const empty = folder();
    const from = ['restore', '--from', '/mnt/backups', '--yes', '--secrets-stdin'];
    const wrong = await cli(bare.host, 'backup', from, { cwd: empty, input: 'passphrase=wrong\n' });
    expect([wrong.code, wrong.stdout + wrong.stderr]).toEqual([
      1,
      expect.stringContaining('The passphrase is not that of the repository /mnt/backups.'),
    ]);
    const restored = await cli(bare.host, 'backup', from, { cwd: empty, input: `passphrase=${passphrase}\n` });
    expect(restored.code, restored.stderr + restored.stdout.slice(-3000)).toBe(0);
    expect(restored.stdout + restored.stderr).not.toContain(passphrase);

    expect(await contentOf(bare.host)).toBe(await contentOf(old.host));
    for (const site of ['shop.test', 'page.test'])
      expect((await ask(bare.host.address, site, '/')).body).toBe((await ask(old.host.address, site, '/')).body);
    expect((await ask(bare.host.address, 'shop.test', '/')).body).toBe('a b:c kept "here" Zoë,b changed');
  });
});
