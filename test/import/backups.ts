import { createWriteStream, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGzip, deflateRawSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** A file's text; `-> target` is a link, and `=> path` a second name of a file. */
export type Entries = readonly (readonly [path: string, text: string])[];

/** The output of a dump program. */
export const dumpText = `-- MySQL dump 10.13  Distrib 8.0.40, for Linux (x86_64)
CREATE TABLE \`posts\` (\`id\` int NOT NULL, \`title\` varchar(190));
INSERT INTO \`posts\` VALUES (1,'from a backup');
-- Dump completed on 2026-01-01 10:00:00
`;

export const wpConfig = (name: string) =>
  `<?php\ndefine('DB_NAME', '${name}');\ndefine('DB_USER', '${name}');\ndefine('DB_PASSWORD', 'old secret');\ndefine('DB_HOST', 'localhost');\n`;

/** The files by which WordPress is recognized, in a folder. */
export const wordpress = (folder: string, database = 'wp'): Entries => [
  [`${folder}index.php`, '<?php // WordPress'],
  [`${folder}wp-load.php`, '<?php'],
  [`${folder}wp-settings.php`, '<?php'],
  [`${folder}wp-config.php`, wpConfig(database)],
  [`${folder}wp-content/uploads/2024/a picture.jpg`, 'a picture'],
];

/** A full backup of cPanel, as its `pkgacct` writes it. */
export const cpanelEntries: Entries = [
  ['cpmove-anna/version', 'pkgacct version: 10\n'],
  ['cpmove-anna/cp/anna', 'DNS=shop.test\nUSER=anna\n'],
  [
    'cpmove-anna/userdata/main',
    '---\naddon_domains:\n  other.test: other.shop.test\nmain_domain: shop.test\nparked_domains:\n  - shop-parked.test\nsub_domains:\n  - other.shop.test\n  - dev.shop.test\n',
  ],
  [
    'cpmove-anna/userdata/shop.test',
    '---\ndocumentroot: /home/anna/public_html\nhomedir: /home/anna\nphpversion: ea-php81\nserveralias: mail.shop.test www.shop.test\nservername: shop.test\n',
  ],
  [
    'cpmove-anna/userdata/other.shop.test',
    '---\ndocumentroot: /home/anna/public_html/other\nhomedir: /home/anna\nphpversion: ea-php74\nserveralias: other.test www.other.test www.other.shop.test\n',
  ],
  ['cpmove-anna/userdata/dev.shop.test', '---\ndocumentroot: /home/anna/dev\nhomedir: /home/anna\nserveralias: www.dev.shop.test\n'],
  ['cpmove-anna/cron/anna', 'MAILTO="a@shop.test"\n*/10 * * * * /usr/local/bin/php /home/anna/public_html/wp-cron.php >/dev/null 2>&1\n'],
  ...wordpress('cpmove-anna/homedir/public_html/', 'anna_wp'),
  ['cpmove-anna/homedir/public_html/link.txt', '-> /home/anna/public_html/wp-load.php'],
  ['cpmove-anna/homedir/public_html/other/index.php', '<?php // another site'],
  ['cpmove-anna/homedir/mail/shop.test/inbox', 'a letter'],
  ['cpmove-anna/homedir/dev/index.php', '<?php'],
  ['cpmove-anna/mysql.sql', "GRANT USAGE ON *.* TO 'anna'@'localhost';\n"],
  ['cpmove-anna/mysql/anna_wp.create', 'CREATE DATABASE `anna_wp`;\n'],
  ['cpmove-anna/mysql/anna_wp.sql', dumpText],
  ['cpmove-anna/mysql/anna_other.sql', dumpText],
];

/** Writes a tar archive, compressed if its name says so. */
export async function writeTar(path: string, entries: Entries): Promise<string> {
  const archive = pack();
  const writing = pipeline([archive.pipe(new PassThrough()), ...(path.endsWith('gz') ? [createGzip()] : []), createWriteStream(path)]);
  for (const [name, text] of entries) {
    const [, arrow, target = ''] = /^([-=])> (.*)$/.exec(text) ?? [];
    const mtime = new Date(1_700_000_000_000);
    if (arrow) archive.entry({ name, type: arrow === '-' ? 'symlink' : 'link', linkname: target, mtime });
    else if (text === 'a device') archive.entry({ name, type: 'character-device', devmajor: 1, devminor: 5, mtime });
    else archive.entry({ name, mtime }, text);
  }
  archive.finalize();
  await writing;
  return path;
}

/** Writes a zip archive with any names, including those that zip programs reject. */
export function writeZip(path: string, entries: Entries): string {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of entries) {
    const [, target] = /^-> (.*)$/.exec(text) ?? [];
    const content = Buffer.from(target ?? text);
    const packed = deflateRawSync(content);
    const bytes = Buffer.from(name);
    // The same numbers are in the header of the file and in the directory: version, flags, method, time, date, sum, sizes, length of the name.
    const numbers = Buffer.alloc(26);
    numbers.writeUInt16LE(20, 0);
    numbers.writeUInt16LE(0x800, 2);
    numbers.writeUInt16LE(8, 4);
    numbers.writeUInt16LE(0x5a21, 8);
    numbers.writeUInt32LE(crc32(content), 10);
    numbers.writeUInt32LE(packed.length, 14);
    numbers.writeUInt32LE(content.length, 18);
    numbers.writeUInt16LE(bytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), numbers, bytes, packed]);
    const more = Buffer.alloc(14);
    more.writeUInt32LE(((target === undefined ? 0o100644 : 0o120777) << 16) >>> 0, 6);
    more.writeUInt32LE(offset, 10);
    // 3 means Unix.
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), numbers, more, bytes);
    parts.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  writeFileSync(path, Buffer.concat([...parts, list, Buffer.from('PK\x05\x06', 'latin1'), end]));
  return path;
}

export const gzipped = (text: string | Buffer): Buffer => gzipSync(text);
