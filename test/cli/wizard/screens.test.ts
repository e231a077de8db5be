import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { load } from '../../../src/config-file/load.ts';
import { unsupported } from '../../../src/sandbox/index.ts';
import { closedPort } from '../../health/loopback.ts';
import { hold, type TerminalSession, unbuilt } from '../pty.ts';

vi.setConfig({ testTimeout: 180_000 });

const [enter, down, up, back, leave] = ['\r', '\u001b[B', '\u001b[A', '\u001b', '\u0003'];
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICNFYj0ey9sv7/2E5z3h4WRzxTzhuaVAgp+IEcQ6CDVg anna@laptop';

const existing = `// The shop of Example Ltd.
import { defineConfig } from 'foobar-provision';

export default defineConfig({
  server: 'root@127.0.0.1:PORT', // rented until May
  domain: 'old.example.com',

  app: { source: './public', keep: 8 },
  php: { version: '8.3' },
  // https: { email: 'you@example.com' }, // where the certificate authority writes to
  database: { engine: 'mariadb' },
  timezone: process.env.ZONE ?? 'Europe/Berlin',
});
`;

// Whether this machine can make throwaway hosts decides about the first question, and the screens are those of one that can.
describe.skipIf(unbuilt ?? unsupported())('the wizard at a terminal', () => {
  let folder = '';
  let port = 0;
  beforeEach(async () => {
    port = await closedPort();
    folder = await mkdtemp(join(tmpdir(), 'wizard-'));
    await mkdir(join(folder, 'www.example.com/public'), { recursive: true });
    await mkdir(join(folder, 'www.example.com/.git'));
    await mkdir(join(folder, '.ssh'));
    await writeFile(join(folder, '.ssh/id_ed25519.pub'), key);
    const files = {
      'public/index.php': '<?php',
      '.env': "APP_KEY=base64:abc\nexport DB_HOST='x'\n# OLD=1\n",
      '.git/config': '[remote "origin"]\n\turl = https://me:token@git.example.org/acme/shop.git\n',
      'dump.sql.gz': '',
    };
    for (const [path, content] of Object.entries(files)) await writeFile(join(work(), path), content);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const work = () => join(folder, 'www.example.com');
  const config = () => readFile(join(work(), 'foobar.config.ts'), 'utf8');
  const loaded = async () => (await load(() => import('../../../src/index.ts'), join(work(), 'foobar.config.ts'))).config;
  const open = (columns?: number) => hold(['init'], work(), { HOME: folder, SSH_AUTH_SOCK: '' }, columns);
  /** The screen, without the time that it took and with the port's digits replaced. */
  const screenOf = (session: TerminalSession) =>
    `${session
      .screen()
      .join('\n')
      .replaceAll(String(port), '54321')
      .replace(/^(✖ Interrupted\.)? ?[\d.]+ s$/m, '$1')
      .trimEnd()}\n`;

  /** Every question of the shortest way through all of them, with what is typed. */
  const questions = (): readonly (readonly [string, string])[] => [
    ['a server of mine', enter],
    ['Host (', `root@127.0.0.1:${port}${enter}`],
    ['Continue?', down + enter],
    ["The site's domain:", enter],
    ['Which application?', enter],
    ['PHP:', down + enter],
    ["PHP's version:", enter],
    ['Database:', enter],
    ['E-mail address', `me@example.com${enter}`],
    ['Who else may log in', down + enter],
    ['File with public keys', enter],
    ['Whose keys', enter],
    ['Anybody else?', enter],
    ['Backups, every night:', down + enter],
    ['Where to', `sftp:me@203.0.113.9:/backups${enter}`],
  ];

  it.each([60, 80, 120])('asks everything, in %i columns', async (columns) => {
    const session = open(columns);
    for (const [text, keys] of questions()) await session.answer(text, keys);
    expect(await session.ended).toBe(0);
    await expect(screenOf(session)).toMatchFileSnapshot(`screens/new-${columns}.txt`);
    expect(session.broken()).toEqual([]);
    expect(session.screen().join('\n')).not.toContain('token');
    expect(await loaded()).toEqual({
      server: `root@127.0.0.1:${port}`,
      domain: 'example.com',
      app: { source: '.' },
      php: { version: '8.4' },
      https: { email: 'me@example.com' },
      sshKeys: { anna: key },
      backups: { to: 'sftp:me@203.0.113.9:/backups' },
    });
  });

  it('leaves nothing behind on Ctrl-C, whichever question is on the screen', async () => {
    const before = await readdir(work());
    const all = questions();
    for (const start of [0, 1, 2]) {
      const indexes = [...all.keys()].filter((index) => index % 3 === start);
      const ends = await Promise.all(
        indexes.map(async (index) => {
          const session = open();
          for (const [text, keys] of all.slice(0, index)) await session.answer(text, keys);
          await session.answer(all[index]?.[0] ?? '', leave);
          return [await session.ended, session.screen().some((line) => line === '✖ Interrupted.')];
        }),
      );
      expect(ends).toEqual(ends.map(() => [130, true]));
    }
    expect(await readdir(work())).toEqual(before);
  });

  it.each([60, 80])('edits a configuration, with its comments and its order, in %i columns', async (columns) => {
    await writeFile(join(work(), 'foobar.config.ts'), existing.replace('PORT', String(port)), { mode: 0o640 });
    const session = open(columns);
    const answers: readonly (readonly [string, string])[] = [
      ['change it: comments', enter],
      ['(as now)', enter],
      ['Continue?', down + enter],
      ["The site's domain: (old.example.com)", `shop.example.com${enter}`],
      ['❯ ./public (as now)', enter],
      ['❯ 8.3 (as now)', up + enter],
      ['❯ MariaDB', enter],
      ['E-mail address', `me@example.com${enter}`],
      ['Who else may log in', down + enter],
      ['File with public keys', enter],
      ['Whose keys', enter],
      ['Anybody else?', enter],
      ['Backups, every night:', enter],
    ];
    for (const [text, keys] of answers) await session.answer(text, keys);
    expect(await session.ended).toBe(0);
    await expect(screenOf(session)).toMatchFileSnapshot(`screens/edit-${columns}.txt`);
    expect(session.broken()).toEqual([]);
    expect(await config()).toBe(
      existing
        .replace('PORT', String(port))
        .replace('old.example.com', 'shop.example.com')
        .replace("  php: { version: '8.3' },\n", '')
        .replace('writes to\n', "writes to\n  https: { email: 'me@example.com' },\n")
        .replace(/\}\);\n$/, `  sshKeys: { anna: '${key}' },\n});\n`),
    );
  });

  it('says what it cannot edit, with the line', async () => {
    await writeFile(
      join(work(), 'foobar.config.ts'),
      "export default {\n  server: ['root@127', '.0.0.1:9'].join(''),\n  domain: 'a.com',\n};\n",
    );
    const session = open();
    await session.answer('change it: comments', enter);
    await session.answer('root@127.0.0.1:9 (as now)', down + enter);
    for (const [text, keys] of questions().slice(1, 5)) await session.answer(text, keys);
    await session.answer('a specific version', enter);
    await session.answer('Database:', enter);
    await session.answer('E-mail address', enter);
    await session.answer('nobody else', enter);
    await session.answer('none for now', enter);
    expect(await session.ended).toBe(0);
    expect(session.screen().join(' ').replaceAll(/\s+/g, ' ')).toContain(
      `Not changed: server, which is not a plain value in foobar.config.ts, line 2. Edit it there: set server to 'root@127.0.0.1:${port}'.`,
    );
    expect(await config()).toContain("server: ['root@127', '.0.0.1:9'].join(''),\n  domain: 'a.com',\n  app: { source: '.' },\n");
  });

  it('refuses wrong answers at once, and goes back over every question', async () => {
    const session = open();
    await session.answer('a server of mine', enter);
    await session.answer('Host (', enter);
    await session.answer('Name a host', `https://web${enter}`);
    await session.answer('Leave out the scheme', `${'\u007f'.repeat(11)}root@127.0.0.1:${port}${enter}`);
    await session.answer('Continue?', down + enter);
    await session.answer("The site's domain:", `shop${enter}`);
    await session.answer('"shop" is not a domain name', `\u007f\u007f\u007f\u007fexample.org${enter}`);
    await session.answer('Which application?', `${down}${down}${enter}`);
    await session.answer("The application's folder:", `/nonexistent${enter}`);
    await session.answer('There is no application folder /nonexistent.', back);
    await session.answer('Back to the question before.\n? Which application?', `${up}${up}${enter}`);
    await session.answer('? PHP:', enter);
    await session.answer('? Database:', enter);
    await session.answer('? E-mail address', enter);
    await session.answer('nobody else', down + enter);
    await session.answer('File with public keys', `${'~/.ssh/none.pub'}${enter}`);
    await session.answer('none.pub cannot be read', back);
    await session.answer('Back to the question before.\n? Who else may log in', `${down}${down}${enter}`);
    await session.answer('Address of public keys', `http://example.org/keys${enter}`);
    await session.answer('http://example.org/keys is not an https:// address.', back);
    await session.answer('❯ someone whose public keys are at an address', `${up}${up}${enter}`);
    await session.answer('Backups, every night:', `${down}${down}${down}${enter}`);
    await session.answer('Where to', `backups${enter}`);
    await session.answer('Write a folder (/mnt/backups)', `${'\u007f'.repeat(7)}/mnt/b${enter}`);
    expect(await session.ended).toBe(0);
    expect(await loaded()).toEqual({
      server: `root@127.0.0.1:${port}`,
      domain: 'example.org',
      app: { source: '.' },
      backups: { to: '/mnt/b' },
    });
  });
});
