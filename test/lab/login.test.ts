import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Account, addAccounts } from './accounts.ts';
import { begin, cli, folder, named, reaching } from './cli.ts';
import { exec, lab } from './host.ts';
import { talk } from './terminal.ts';

const password = 'only-for-sudo-41';
const accounts: readonly Account[] = [
  { name: 'bob', password, sudo: 'yes' },
  { name: 'free', password, sudo: 'free' },
  { name: 'eve', password, sudo: 'no' },
];

describe('a host with sudo', () => {
  const here = lab('trixie', { include: ['sudo'] });

  beforeAll(async () => {
    await addAccounts(here.host, accounts);
    // With package lists on the host, a plan takes one second instead of five.
    await exec(here.host, 'apt-get update -qq');
  });

  test.each([
    ['root', 'root', {}, []],
    ['a user who needs no password for sudo', 'free', {}, []],
    ['a user with a password on standard input', 'bob', { input: `${password}\n` }, ['--sudo-password-stdin']],
    ['a user with a password in the environment', 'bob', { env: { FOOBAR_SUDO_PASSWORD: password } }, []],
  ] as const)('%s can log in, and the host is read as root', async (_, user, options, args) => {
    const planned = await cli(here.host, 'plan', args, { ...options, user });
    expect(planned).toMatchObject({ code: 2, stderr: '' });
    expect(named(planned, 'change').length).toBeGreaterThan(30);
  });

  test.each([
    ['wants a password that nobody gives', 'bob', {}, [], /asks for bob's password/, /--sudo-password-stdin.*FOOBAR_SUDO_PASSWORD/],
    ['is given a wrong password', 'bob', { input: 'wrong\n' }, ['--sudo-password-stdin'], /Wrong sudo password for bob/, /the right one/],
    ['is given empty input', 'bob', {}, ['--sudo-password-stdin'], /ended before a sudo password was read/, /first line/],
    [
      'does not know the user',
      'eve',
      { env: { FOOBAR_SUDO_PASSWORD: password } },
      [],
      /does not let eve become root/,
      /usermod -aG sudo eve/,
    ],
  ] as const)('sudo %s', async (_, user, options, args, message, hint) => {
    const planned = await cli(here.host, 'plan', args, { ...options, user });
    expect(planned.code).toBe(4);
    expect(planned.events.at(-1)).toMatchObject({
      event: 'result',
      ok: false,
      exitCode: 4,
      error: { message: expect.stringMatching(message), hint: expect.stringMatching(hint) },
    });
    expect(planned.stdout + planned.stderr).not.toContain(password);
  });

  describe('a key with a passphrase', () => {
    const locked = join(folder(), 'locked');
    const words = () => ['plan', `root@${here.host.address}`, '--identity', locked, '--known-hosts', here.host.knownHosts];

    beforeAll(() => {
      copyFileSync(here.host.identity, locked);
      execFileSync('ssh-keygen', ['-q', '-p', '-f', locked, '-P', '', '-N', 'open sesame']);
    });

    test('is named with advice if nobody can be asked', async () => {
      const planned = await begin(words()).ended;
      expect(planned.code).toBe(4);
      expect(planned.stderr).toContain(locked);
      expect(planned.stderr).toMatch(/passphrase/);
      expect(planned.stderr).toMatch(/ssh-add/);
    });

    test('is unlocked at a terminal', async () => {
      const { screen, code } = await talk(words(), [[/assphrase.*locked/, 'open sesame']]);
      expect(screen).not.toContain('open sesame');
      expect({ code, screen }).toMatchObject({ code: 2, screen: expect.stringContaining('install nginx') });
    });
  });

  describe('a password login', () => {
    const nobody = join(folder(), 'nobody');
    const words = () => ['plan', `bob@${here.host.address}`, '--identity', nobody, '--known-hosts', here.host.knownHosts];

    beforeAll(() => {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', nobody]);
    });

    test('needs a terminal', async () => {
      const planned = await begin(words()).ended;
      expect(planned.code).toBe(4);
      expect(planned.stderr).toMatch(/refused the login of bob/);
      expect(planned.stderr).toMatch(/accepts:.*password/);
    });

    test("asks for the login's password, then for sudo's", async () => {
      const { screen, code } = await talk(words(), [
        [/bob@[\d.]+.*assword/, password],
        [/sudo password/, password],
      ]);
      expect(screen).not.toContain(password);
      expect({ code, screen }).toMatchObject({ code: 2, screen: expect.stringContaining('install nginx') });
    });
  });
});

describe('a host without sudo', () => {
  const here = lab('trixie');

  test('is reported to a user who is not root', async () => {
    await addAccounts(here.host, [{ name: 'bob', password, sudo: 'no' }]);
    const planned = await begin(['plan', ...reaching(here.host, 'bob')]).ended;
    expect(planned).toMatchObject({ code: 4, stdout: '' });
    expect(planned.stderr).toMatch(/has no sudo, and bob is not root/);
    expect(planned.stderr).toMatch(/Log in as root, or install sudo/);
    expect((await exec(here.host, 'find / -xdev -name "*foobar*"')).stdout).toBe('');
  });
});
