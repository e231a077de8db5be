import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readFile, readlink, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isBackup } from '../../src/cli/backup-path.ts';
import { backupOrigin } from '../../src/import/backup/backup-site.ts';
import { limited, unpackedLimit } from '../../src/import/backup/container.ts';
import { openBackup } from '../../src/import/backup/open-backup.ts';
import { makeLinksHere, unpackHere } from '../../src/import/local-copy.ts';
import { cpanelEntries, dumpText, type Entries, gzipped, wordpress, wpConfig, writeTar, writeZip } from './backups.ts';

let folder = '';
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foobar-backup-'));
});
afterAll(() => rm(folder, { recursive: true }));
const fresh = (name: string) => {
  count += 1;
  return join(folder, `${count}-${name}`);
};

/** Truncates a file after this number of bytes. */
async function cut(path: string, bytes: number): Promise<string> {
  await truncate(path, bytes);
  return path;
}

async function write(entries: Entries, kind: 'tar.gz' | 'tar' | 'zip' | 'folder' = 'tar.gz'): Promise<string> {
  const path = fresh(`backup.${kind}`);
  if (kind === 'zip') return writeZip(path, entries);
  if (kind !== 'folder') return writeTar(path, entries);
  for (const [name, text] of entries) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    if (text.startsWith('-> ')) await symlink(text.slice(3), join(path, name));
    else await writeFile(join(path, name), text);
  }
  return path;
}

const none = new AbortController().signal;
const originOf = async (path: string, domain?: string, root?: string) => backupOrigin(await openBackup(path), { domain, root }, none);

async function told(path: string, domain: string | undefined, root?: string) {
  const { site, database } = await originOf(path, domain, root);
  return {
    title: site.title,
    domain: site.domain,
    names: site.names.join(' '),
    root: site.root.replace(`${path}/`, ''),
    known: site.known?.name,
    shared: site.shared.join(' '),
    php: site.php.version,
    cron: site.cron.map(({ schedule, command }) => `${schedule} ${command}`),
    dump: site.dump?.path,
    copied: database !== undefined,
    remarks: site.remarks.map(({ text }) => text.replaceAll(path, 'BACKUP')),
  };
}

const wp = { known: 'WordPress', shared: 'wp-content/uploads', php: undefined, cron: [], names: '', copied: true, remarks: [] };

describe('a backup says', () => {
  test.each<[string, Entries, string | undefined, string | undefined, object]>([
    [
      'in the format of cPanel',
      cpanelEntries,
      'shop.test',
      undefined,
      {
        ...wp,
        title: 'cPanel backup of anna',
        domain: 'shop.test',
        names: 'shop.test www.shop.test shop-parked.test',
        root: '/home/anna/public_html',
        php: '8.1',
        cron: ['*/10 * * * * php /srv/www/shop.test/current/wp-cron.php >/dev/null 2>&1'],
        dump: 'cpmove-anna/mysql/anna_wp.sql',
        remarks: [
          'other.test is a site of its own, in cpmove-anna/homedir/public_html/other; import it by its name.',
          'Links with absolute targets: 1, such as link.txt. Those to files of the application are made relative.',
        ],
      },
    ],
    [
      'in the format of cPanel, of an addon domain',
      cpanelEntries,
      'other.test',
      undefined,
      {
        title: 'cPanel backup of anna',
        domain: 'other.test',
        names: 'other.test www.other.test',
        root: '/home/anna/public_html/other',
        php: '7.4',
        known: undefined,
        shared: '',
        copied: false,
        dump: undefined,
      },
    ],
    [
      'in the format of DirectAdmin',
      [
        ['backup/user.conf', 'username=bob\ndomain=shop.test\n'],
        ['backup/crontab.conf', '1=5 4 * * * /usr/local/bin/php /home/bob/domains/shop.test/public_html/cron.php\n'],
        ['backup/shop.test/domain.conf', 'domain=shop.test\n'],
        ['backup/shop.test/domain.pointers', 'store.test=type=alias\n'],
        ['backup/bob_wp.conf', 'x'],
        ['backup/bob_wp.sql', dumpText],
        ...wordpress('domains/shop.test/public_html/', 'bob_wp'),
      ],
      undefined,
      undefined,
      {
        ...wp,
        title: 'DirectAdmin backup of bob',
        domain: 'shop.test',
        names: 'shop.test www.shop.test store.test',
        root: '/home/bob/domains/shop.test/public_html',
        cron: ['5 4 * * * php /srv/www/shop.test/current/cron.php'],
        dump: 'backup/bob_wp.sql',
      },
    ],
    [
      'of public_html, with a dump beside it',
      [['site/wp.sql', dumpText], ['site/other.sql', dumpText], ...wordpress('site/public_html/')],
      'shop.test',
      undefined,
      { ...wp, title: 'Files of a site', root: 'site/public_html', dump: 'site/wp.sql' },
    ],
    [
      'of public_html, with a dump of another name in it, which is not published',
      [...wordpress('./'), ['./localhost.sql', `-- phpMyAdmin SQL Dump\n${dumpText}`], ['./schema.sql', 'CREATE TABLE x (id int);']],
      'shop.test',
      undefined,
      { ...wp, root: '', dump: 'localhost.sql' },
    ],
    [
      'of Duplicator',
      [
        ...wordpress('').filter(([path]) => path !== 'wp-config.php'),
        ['installer.php', '<?php'],
        ['dup-installer/dup-wp-config-arc__abc.txt', wpConfig('wp')],
        ['dup-installer/dup-database__abc.sql', '/* DUPLICATOR-LITE (PHP BUILD MODE) MYSQL SCRIPT CREATED ON : 2026-01-01 */\n'],
      ],
      'shop.test',
      undefined,
      { ...wp, title: 'Archive of Duplicator', dump: 'dup-installer/dup-database__abc.sql' },
    ],
    [
      'of plain PHP, with a version of PHP in .htaccess and no dump',
      [
        ['www/index.php', '<?php'],
        ['www/.htaccess', 'AddHandler application/x-httpd-ea-php80___lsphp .php\n'],
        ['www/config.php', wpConfig('wp')],
      ],
      'shop.test',
      undefined,
      {
        known: undefined,
        php: '8.0',
        dump: undefined,
        copied: false,
        remarks: ['There is no dump of the database wp, which config.php names. Only files are copied.'],
      },
    ],
    [
      'of a folder that is named',
      [['a/x.txt', ''], ['b/x.txt', ''], ...wordpress('a/b c/'), ['a/wp.sql', dumpText]],
      'shop.test',
      'a/b c/',
      { ...wp, root: 'a/b c', dump: 'a/wp.sql' },
    ],
  ])('%s', async (_, entries, domain, root, expected) => {
    expect(await told(await write(entries), domain, root)).toMatchObject(expected);
  });

  test.each(['tar', 'zip', 'folder'] as const)('the same in every container: %s', async (kind) => {
    const entries: Entries = [...wordpress('site/public_html/'), ['site/wp.sql', dumpText]];
    const expected = await told(await write(entries), 'shop.test');
    expect(await told(await write(entries, kind), 'shop.test')).toEqual(expected);
  });
});

describe('a backup is refused, with a reason and what to do', () => {
  const raw = async (name: string, content: string | Buffer) => {
    const path = fresh(name);
    await writeFile(path, content);
    return path;
  };
  test.each<[string, () => Promise<string>, RegExp, RegExp, (string | null)?]>([
    ['a file that is missing', async () => fresh('missing.tar.gz'), /There is no file or folder/, /user@host/],
    ['an empty file', () => raw('x.tar.gz', ''), /is empty/, /copy it again/],
    ['a dump alone', () => raw('x.sql', dumpText), /is a dump of a database alone/, /into a folder together/],
    ['a compressed dump alone', () => raw('x.sql.gz', gzipped(dumpText)), /is a dump of a database alone/, /into a folder together/],
    ['zstd', () => raw('x.tar.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1])), /compressed with zstd/, /import the folder/],
    ['bzip2', () => raw('x.tar.bz2', 'BZh91AY'), /compressed with bzip2/, /import the folder/],
    ['another format', () => raw('x.wpress', 'package.json'), /All-in-One WP Migration/, /import the folder/],
    ['an unknown format', () => raw('x.bin', 'hello'), /not known/, /\.zip archive/],
    [
      'Plesk',
      () =>
        write([
          ['backup_info_2401011200.xml', '<x/>'],
          ['domains/a.test/x.zip', ''],
        ]),
      /backup of Plesk/,
      /user@host/,
    ],
    [
      'UpdraftPlus',
      () =>
        write([
          ['u/backup_2026-01-01-1200_Shop_abc-db.gz', ''],
          ['u/backup_2026-01-01-1200_Shop_abc-plugins.zip', ''],
        ]),
      /UpdraftPlus/,
      /Restore it/,
    ],
    [
      'an archive in the archive',
      () =>
        write([
          ['cpmove-a/homedir.tar', ''],
          ['cpmove-a/userdata/main', ''],
        ]),
      /homedir\.tar/,
      /Unpack both/,
    ],
    [
      'several folders',
      () =>
        write([
          ['one/a.txt', ''],
          ['two/b.txt', ''],
        ]),
      /it has one, two/,
      /--root/,
    ],
    [
      'several dumps',
      () => write([...wordpress('public_html/'), ['a.sql', dumpText], ['b.sql', dumpText]]),
      /several dumps of databases: a\.sql, b\.sql, and wp-config\.php names wp/,
      /one folder/,
    ],
    [
      'several sites, none named',
      () => write(cpanelEntries),
      /has several sites: shop\.test, other\.test, dev\.shop\.test/,
      /--site/,
      null,
    ],
    ['another site', () => write(cpanelEntries), /has no site missing\.test; it has shop\.test/, /--site/, 'missing.test'],
    ['no domain', () => write(wordpress('')), /does not name the domain/, /--site/, null],
    [
      'an archive that ends too early',
      async () => cut(await write([...wordpress(''), ['big', 'x'.repeat(50_000)]]), 300),
      /cannot be read to its end/,
      /copy it again/,
    ],
    [
      'an archive of tar that ends too early',
      async () => cut(await write([...wordpress(''), ['big', 'x'.repeat(50_000)]], 'tar'), 20_000),
      /cannot be read to its end/,
      /copy it again/,
    ],
    [
      'a zip archive that ends too early',
      async () => cut(await write(wordpress(''), 'zip'), 300),
      /cannot be read to its end/,
      /copy it again/,
    ],
  ])('%s', async (_, make, message, hint, domain = 'shop.test') => {
    const path = await make();
    await expect(originOf(path, domain ?? undefined)).rejects.toMatchObject({
      details: { message: expect.stringMatching(message), hint: expect.stringMatching(hint) },
    });
  });
});

describe('what a backup names', () => {
  const evil: Entries = [
    ...wordpress(''),
    ['../outside.txt', 'x'],
    ['/tmp/foobar-absolute.txt', 'x'],
    ['a/../../up.txt', 'x'],
    ['..\\windows.txt', 'x'],
    ['wp-content/escape', '-> ../../../etc'],
    ['wp-content/escape/passwd', 'x'],
    ['shadow', '-> /etc/shadow'],
    ['wp-config.php', wpConfig('changed_later')],
  ];

  test.each(['tar.gz', 'zip'] as const)('stays in the folder of the application: %s', async (kind) => {
    const path = await write(
      kind === 'zip'
        ? evil.filter(([, text], index) => index < 3 || text !== wpConfig('wp'))
        : [...evil, ['null', 'a device'], ['second.php', '=> index.php']],
      kind,
    );
    const { site, files } = await originOf(path, 'shop.test');
    const here = fresh('application');
    await mkdir(here);
    const archive = new PassThrough();
    const list = site.items.filter(({ type }) => type === 'file');
    const [hashes] = await Promise.all([unpackHere(here, list, archive), files.send(list, archive, none)]);
    expect(await makeLinksHere(here, site.items, site.root)).toEqual(expect.arrayContaining(['shadow']));
    expect(await files.hashes(list)).toEqual(hashes);
    expect(hashes.get('index.php')).toBe(createHash('sha256').update('<?php // WordPress').digest('hex'));
    // The last entry of a name counts.
    expect(await readFile(join(here, 'wp-config.php'), 'utf8')).toContain('changed_later');
    for (const name of ['../outside.txt', '../../up.txt', '../up.txt', 'shadow', '../windows.txt'])
      expect(await lstat(join(here, name)).catch(() => 'missing'), name).toBe('missing');
    expect(await lstat('/tmp/foobar-absolute.txt').catch(() => 'missing')).toBe('missing');
    expect(site.remarks.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^Names that lead out of the backup, or are not in UTF-8, are not copied: [34], such as \.\.\/outside\.txt\.$/),
    );
    if (kind === 'tar.gz') {
      expect(await readlink(join(here, 'second.php'))).toBe('index.php');
      expect(site.remarks.map(({ text }) => text)).toContainEqual(
        expect.stringMatching(/^Sockets, pipes and devices are not copied: 1, such as null/),
      );
    }
  });

  test('in a folder is not followed', async () => {
    const path = await write(wordpress(''), 'folder');
    await symlink('/etc/hostname', join(path, 'wp-content/uploads/hostname'));
    const { site, files } = await originOf(`${path}/`, 'shop.test');
    const link = site.items.find(({ path: each }) => each.endsWith('hostname'));
    expect(link).toMatchObject({ type: 'link', target: '/etc/hostname' });
    await expect(buffer(await sent(files.send, [{ ...(link as NonNullable<typeof link>), type: 'file' }]))).resolves.not.toContain('x');
  });
});

async function sent(send: (items: never[], output: PassThrough, signal: AbortSignal) => Promise<unknown>, items: readonly object[]) {
  const archive = new PassThrough();
  await send(items as never[], archive, none);
  return archive;
}

describe('the limits of an archive', () => {
  test('depend on its size', () => {
    expect([unpackedLimit(1000), unpackedLimit(100_000_000)]).toEqual([2_000_000_000, 20_000_000_000]);
  });

  test('stop an archive that unpacks to more', async () => {
    const passing = limited('x.tar.gz', 10);
    const arrived = buffer(passing);
    passing.write('123456');
    passing.end('78901');
    await expect(arrived).rejects.toMatchObject({ message: expect.stringContaining('more than 200 times its own size') });
  });
});

describe('a dump', () => {
  test.each([
    ['as it is', 'wp.sql', dumpText],
    ['compressed', 'wp.sql.gz', gzipped(dumpText)],
  ])('is written as statements: %s', async (_, name, content) => {
    const path = fresh('site');
    await mkdir(path);
    await writeFile(join(path, 'index.php'), '<?php');
    await writeFile(join(path, 'config.php'), wpConfig('wp'));
    await writeFile(join(path, name), content);
    const { database, site } = await originOf(path, 'shop.test');
    const output = new PassThrough();
    const [text] = await Promise.all([buffer(output), database?.dump(output, none)]);
    expect(text.toString()).toBe(dumpText);
    expect(site.items.map(({ path: each }) => each)).toEqual(['config.php', 'index.php']);
  });

  test('that is damaged ends with an error', async () => {
    const path = fresh('site');
    await mkdir(path);
    await writeFile(join(path, 'index.php'), '<?php');
    await writeFile(join(path, 'wp.sql.gz'), gzipped(dumpText.repeat(100)).subarray(0, 150));
    const { database } = await originOf(path, 'shop.test');
    const output = new PassThrough().resume();
    output.on('error', () => undefined);
    await expect(database?.dump(output, none)).rejects.toMatchObject({
      message: expect.stringMatching(/wp\.sql\.gz cannot be read to its end/),
    });
  });
});

test.each([
  ['root@old.example.com', false],
  ['old.example.com', false],
  ['root@old.zip', false],
  ['shop', false],
  ['./shop', true],
  ['/srv/backup', true],
  ['shop.tar.gz', true],
  ['cpmove-anna.tgz', true],
  ['dump.sql', true],
  ['package.json', true],
])('the target %s is a backup: %s', (target, expected) => {
  expect(isBackup(target)).toBe(expected);
});
