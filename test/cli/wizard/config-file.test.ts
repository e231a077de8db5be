import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answers, userConfigOf } from '../../../src/cli/wizard/answers.ts';
import { configFile } from '../../../src/cli/wizard/config-file.ts';
import { load } from '../../../src/config-file/load.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-file-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const least: Answers = { server: 'root@203.0.113.5', domain: 'foobar.com' };

describe('configFile', () => {
  it('contains the answers, and alternatives as comments', async () => {
    expect(
      await configFile(least, 'foobar.config.ts'),
    ).toBe(`// What the host should be. \`foobar-provision plan\` shows what would change, \`foobar-provision\` applies it.
// For completion in your editor: npm install --save-dev foobar-provision
import { defineConfig } from 'foobar-provision';

export default defineConfig({
  server: 'root@203.0.113.5',

  // Served as foobar.com and www.foobar.com; more names go into \`aliases\`.
  domain: 'foobar.com',

  // Until you name an application, the bundled site is served:
  // app: { source: './my-site' },

  // php: { version: '8.4' }, // default: the distribution's version
  // database: { engine: 'mariadb' }, // default: MySQL where the distribution has it, otherwise MariaDB
  // https: { email: 'you@example.com' }, // where the certificate authority writes to

  // sshKeys: { anna: 'keys/anna.pub' }, // who may log in to the host besides you

  // backups: { to: 'sftp:user@host:/path' }, // every night; also a folder, or s3:https://host/bucket
});
`);
  });

  it.each<readonly [string, Answers]>([
    ['ts', least],
    ['ts', { server: 'web', domain: 'shop.example.com', app: '.', php: '8.3', database: 'mariadb' }],
    ['ts', { server: '[2001:db8::1]:2222', domain: 'example.com', app: './it\'s \\ a "folder"\u2028 */ `${1}`', database: 'none' }],
    ['ts', { ...least, email: 'you@example.com', backups: 's3:https://s3.example.com/bucket' }],
    ['ts', { ...least, people: { 'anna b': 'ssh-ed25519 AAAA anna\nssh-ed25519 BBBB' } }],
    ['json', { ...least, email: 'you@example.com', backups: '/mnt/backups' }],
    ['json', { server: 'root@web', domain: 'example.com', app: '/srv/it\'s "one"' }],
  ])('gives the same answers when it is loaded (%s, %j)', async (extension, answers) => {
    const file = join(folder, `${Math.random().toString(36).slice(2)}.config.${extension}`);
    await writeFile(file, await configFile(answers, file));
    expect((await load(() => import('../../../src/index.ts'), file)).config).toEqual(userConfigOf(answers));
  });
});
