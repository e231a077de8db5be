import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { begin, folder, type RunOptions, reaching } from './cli.ts';
import { differences } from './fingerprint.ts';
import { exec, lab } from './host.ts';

interface Case {
  readonly words: readonly string[];
  readonly options?: RunOptions;
  readonly code: number;
  /** What is said to have happened, and what can be done about it. */
  readonly says: RegExp;
  readonly advises: RegExp;
}

/** Runs the main job, which asks nothing, and expects it to refuse. Resolves to the stages that it went through before. */
async function refused({ words, options, code, says, advises }: Case): Promise<readonly unknown[]> {
  const ended = await begin(['apply', '--yes', '--json', ...words], options).ended;
  expect(ended.events.at(-1)).toMatchObject({ event: 'result', ok: false, changed: 0, exitCode: code });
  expect(ended.events.at(-1)).toMatchObject({ error: { message: expect.stringMatching(says), hint: expect.stringMatching(advises) } });
  expect(ended.code).toBe(code);
  expect(ended.stderr).toMatch(says);
  return ended.events.filter(({ event }) => event === 'stage').map(({ text }) => text);
}

const config = (value: object): RunOptions => ({ cwd: folder({ 'foobar.config.json': JSON.stringify(value) }) });

describe('before any connection', () => {
  test.each<[string, Omit<Case, 'code'>]>([
    [
      'a key with a typo',
      {
        words: ['web'],
        options: config({ domian: 'a.com' }),
        says: /domian: unknown key; did you mean "domain"\?/,
        advises: /Correct it/,
      },
    ],
    [
      'a typo further down',
      {
        words: ['web'],
        options: config({ app: { docrot: 'web' } }),
        says: /app\.docrot: .*did you mean "docroot"\?/,
        advises: /Correct it/,
      },
    ],
    [
      'an application folder that is not there',
      { words: ['web', '--app', 'nowhere'], says: /no application folder .*nowhere/, advises: /--app DIR/ },
    ],
    ['an application that is a file', { words: ['web', '--app', '/etc/hostname'], says: /hostname is not a folder/, advises: /folder/ }],
    [
      'an address in place of a domain',
      { words: ['web', '--domain', 'https://foobar.com/'], says: /is not a domain name/, advises: /it would be foobar\.com/ },
    ],
    [
      'a domain that is none',
      { words: ['web', '--domain', 'foo_bar..com'], says: /"foo_bar\.\.com" is not a domain name/, advises: /such as foobar\.com/ },
    ],
    ['no server at all', { words: [], says: /No server was named/, advises: /user@host.*server/ }],
    ['a configuration that is not there', { words: ['--config', 'none.ts'], says: /no configuration file none\.ts/, advises: /--config/ }],
    ['a key file that is not there', { words: ['web', '-i', '/no/key'], says: /\/no\/key does not exist/, advises: /--identity/ }],
  ])('%s', async (_, each) => {
    const stages = await refused({ ...each, code: 1 });
    // With a key file to look for, the host has been named by then.
    expect(stages.filter((stage) => stage !== 'connecting to web')).toEqual([]);
  });
});

describe('during the connection', () => {
  const here = lab('trixie');

  test.each<[string, (host: Sandbox) => Omit<Case, 'code'>]>([
    ['no such host', () => ({ words: ['root@nowhere.invalid'], says: /nowhere\.invalid/, advises: /spelling|name server/ })],
    [
      'a port that nobody listens on',
      (host) => ({
        words: [...reaching(host), '--port', '1'],
        says: /refuses connections on port 1/,
        advises: /check the port, and that sshd runs/,
      }),
    ],
    [
      'a host never seen before',
      (host) => ({ words: [...reaching(host), '--known-hosts', '/dev/null'], says: /SHA256:/, advises: /--accept-new/ }),
    ],
    [
      'another key than the host had, whatever is accepted',
      (host) => ({
        words: [...reaching(host), '--accept-new', '--known-hosts', join(strangers(host), 'known_hosts')],
        says: /changed|another/i,
        advises: /ssh-keygen -R/,
      }),
    ],
    [
      'a key that the host does not know',
      (host) => ({
        words: [...reaching(host), '--identity', join(strangers(host), 'key')],
        says: /refused the login of root.*key/,
        advises: /ssh root@/,
      }),
    ],
  ])('%s', async (_, given) => {
    const before = await state(here.host);
    await refused({ ...given(here.host), code: 4 });
    expect(differences(before, await state(here.host))).toEqual([]);
  });

  test('the known_hosts file is unchanged', () => {
    expect(readFileSync(here.host.knownHosts, 'utf8')).toMatch(new RegExp(`^${here.host.address} `));
  });
});

describe('on the host', () => {
  const here = lab('trixie');
  const release = (text: string) => [`mv /etc/os-release /root/; printf '${text}' >/etc/os-release`, 'mv /root/os-release /etc/'] as const;

  test.each<[string, readonly [before: string, after: string], Omit<Case, 'code' | 'words'> & { readonly words?: readonly string[] }]>([
    [
      'not of the family',
      release('ID=fedora\\nPRETTY_NAME="Fedora Linux 43"\\n'),
      { says: /Fedora Linux 43 is neither Debian nor Ubuntu/, advises: /Debian 12/ },
    ],
    ['too old', release('ID=debian\\nVERSION_ID="11"\\n'), { says: /older than Debian 12/, advises: /Debian 12 or later/ }],
    [
      'a disk too small for what is installed',
      [
        'mkdir /run/small; mount -t tmpfs -o size=100m tmpfs /run/small; mkdir /run/small/u /run/small/w; mount -t overlay -o lowerdir=/usr,upperdir=/run/small/u,workdir=/run/small/w overlay /usr',
        'umount -l /usr; umount -l /run/small; rmdir /run/small',
      ],
      { says: /too little space.*\/usr has \d+ MB free and needs about \d{3} MB/, advises: /Make room/ },
    ],
    ['a disk that is full', ['mount -t tmpfs -o size=1m tmpfs /var/tmp', 'umount /var/tmp'], { says: /no space left/, advises: /df -h/ }],
    [
      'a package that it does not know',
      ['', ''],
      { options: config({ packages: ['no-such-package-here'] }), says: /does not know no-such-package-here/, advises: /spelling/ },
    ],
    ['a PHP that it does not have', ['', ''], { words: ['--php', '5.6'], says: /php5\.6-fpm/, advises: /apt repository/ }],
  ])('%s', async (_, [prepare, restore], given) => {
    onTestFinished(async () => void (await exec(here.host, restore)));
    await exec(here.host, prepare);
    const before = await state(here.host);
    await refused({ ...given, words: [...reaching(here.host), ...(given.words ?? [])], code: 1 });
    expect(differences(before, await state(here.host))).toEqual([]);
  });
});

/** A key that the host does not have, for itself or for anyone's login. */
function strangers(host: Sandbox): string {
  const path = folder({ known_hosts: '' });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(path, 'key')]);
  const [type, key] = readFileSync(join(path, 'key.pub'), 'utf8').split(' ');
  execFileSync('sh', ['-c', `printf '%s\\n' "$1" >"$2"`, 'sh', `${host.address} ${type} ${key}`, join(path, 'known_hosts')]);
  return path;
}

/** Every file of the host with its size and the time of its last change, but for what a host writes down about itself. */
async function state(host: Sandbox): Promise<readonly string[]> {
  const { stdout } = await exec(
    host,
    `find / -xdev \\( -path /var/lib/systemd -o -path /var/log -o -path '*/systemd-private-*' \\) -prune -o ! -type d -printf '%p %s %T@\\n' -o -type d -printf '%p\\n'; find /var/tmp /usr -maxdepth 1`,
  );
  return stdout.split('\n').sort();
}
