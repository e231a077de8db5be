import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, list, unsupported } from '../../src/sandbox/index.ts';
import { hold } from '../cli/pty.ts';

const [enter, below, leave] = ['\r', '\u001b[B', '\u0003'];

// From a folder with an application to a live site, with nothing but a terminal.
describe.skipIf(unsupported())('the wizard, without a server', () => {
  let folder = '';
  let made: string | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wizard-'));
    await mkdir(join(folder, 'shop.example.com'));
    await writeFile(join(work(), 'index.php'), "<?php echo 'the shop is open';");
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'anna@laptop', '-f', join(folder, 'anna')]);
  });
  afterAll(async () => {
    if (made !== undefined) await down(made);
    await rm(folder, { recursive: true, force: true });
  });
  const work = () => join(folder, 'shop.example.com');
  const run = (words: readonly string[], columns?: number) =>
    hold(words, work(), { HOME: folder, SSH_AUTH_SOCK: '', FOOBAR_SANDBOX_OWNER: process.env.FOOBAR_SANDBOX_OWNER ?? '' }, columns);
  const names = async () => (await list()).map(({ name }) => name);
  const login = (address: string) => {
    const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', `UserKnownHostsFile=${join(folder, 'known')}`, 'LogLevel=ERROR'];
    const words = [
      '-F',
      '/dev/null',
      '-i',
      join(folder, 'anna'),
      ...options.flatMap((option) => ['-o', option]),
      `root@${address}`,
      'id -un',
    ];
    try {
      return execFileSync('ssh', words, {
        encoding: 'utf8',
        env: { ...process.env, SSH_AUTH_SOCK: '' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch (error) {
      return String((error as { stderr?: unknown }).stderr);
    }
  };

  test('a host that was made for an interview is removed if the interview is left', async () => {
    const before = await names();
    const session = run([]);
    await session.answer('none yet', below.repeat(20) + enter);
    await session.answer("The site's domain:", leave);
    expect(await session.ended).toBe(130);
    expect(await names()).toEqual(before);
    expect(await readdir(work())).toEqual(['index.php']);
  });

  test('makes a host, asks, and ends with a live site in which somebody else may log in', async () => {
    const before = await names();
    const session = run([], 80);
    await session.answer('none yet', below.repeat(20) + enter);
    await session.answer("The site's domain: (shop.example.com)", enter);
    await session.answer('❯ this folder', enter);
    await session.answer("the distribution's own", enter);
    await session.answer('Database:', enter);
    await session.answer('E-mail address', enter);
    await session.answer('nobody else', below + enter);
    await session.answer('File with public keys', `${folder}/anna.pub${enter}`);
    await session.answer('Whose keys', enter);
    await session.answer('Anybody else?', enter);
    await session.answer('none for now', enter);
    made = (await waitFor(async () => (await list()).find(({ name }) => !before.includes(name)))).name;
    await waitFor(async () => /\(Y\/n\)/.test(session.screen().join('\n')) || undefined, 60);
    await session.answer('', enter);
    expect(await session.ended, session.screen().join('\n')).toBe(0);
    const screen = session.screen().join('\n');
    const host = (await list()).find(({ name }) => name === made);
    expect(screen).toContain(`sandbox down ${made}`);
    expect(await (await fetch(host?.url ?? '')).text()).toBe('the shop is open');
    expect(login(host?.address ?? '')).toBe('root\n');
  });

  test('the next command needs no key, and who is removed can no longer log in', async () => {
    const file = join(work(), 'foobar.config.ts');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/ {2}sshKeys: \{[^}]*\},\n/, ''));
    const session = run(['--yes']);
    expect(await session.ended, session.screen().join('\n')).toBe(0);
    const host = (await list()).find(({ name }) => name === made);
    expect(login(host?.address ?? '')).toContain('Permission denied');
  });
});

async function waitFor<T>(look: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  for (let left = seconds * 10; left > 0; left--) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error(`nothing after ${seconds} s`);
}
