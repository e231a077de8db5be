import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { addAccounts } from './accounts.ts';
import { begin, cli, folder, named, reaching } from './cli.ts';
import { exec, lab } from './host.ts';

const password = 'only-for-sudo-41';
const profile = (lines: string) => `printf '%s\n' ${quoted(lines)} >~/.bashrc`;
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * What is special about the account or the SSH server of a row: shell text run as root with `$user` and its home as the working directory, or
 * lines before the host's own sshd_config.
 */
interface Setting {
  readonly prepare?: string;
  readonly sshd?: string;
  readonly user?: 'root';
  readonly sudo?: 'no';
  readonly args?: readonly string[];
}

interface Refusal {
  readonly says: RegExp;
  /** The server's own words. */
  readonly quotes?: RegExp;
  readonly advises: RegExp;
}

const works: readonly (readonly [string, Setting])[] = [
  ['csh, which limits the length of a word', { prepare: 'chsh -s /bin/tcsh $user' }],
  ['fish, which is not a POSIX shell', { prepare: 'chsh -s /usr/bin/fish $user' }],
  ['zsh', { prepare: 'chsh -s /bin/zsh $user' }],
  ['a startup file that prints', { prepare: profile('echo noise; echo noise >&2') }],
  ['a key that permits neither forwarding nor a terminal', { prepare: "sed -i 's/^/restrict /' .ssh/authorized_keys" }],
  ['sudo with a lecture and a prompt of its own', { sudo: 'no', prepare: sudoers('ALL', 'lecture=always, passprompt="Secret of %p: "') }],
  ['sudo with a prompt that overrides ours', { sudo: 'no', prepare: sudoers('ALL', 'passprompt_override, passprompt="Token: "') }],
  ['no terminal', { user: 'root', sshd: 'PermitTTY no' }],
  ['a banner', { user: 'root', sshd: 'Banner /etc/os-release' }],
  ['one login at a time', { user: 'root', sshd: 'MaxStartups 1' }],
];

const limited: readonly (readonly [string, string, RegExp | undefined])[] = [
  ['no restriction', '', undefined],
  ['one command on a connection', 'MaxSessions 1', /MaxSessions/],
  ['two commands on a connection', 'MaxSessions 2', /MaxSessions/],
  ['no forwarding', 'DisableForwarding yes', /AllowTcpForwarding/],
];

const notOurs = { says: /did not run our command/, advises: /nologin.*\.bashrc.*ForceCommand.*command=.*ssh (-p \d+ )?\S+ true/s };

const refused: readonly (readonly [string, Setting, Refusal])[] = [
  // First, as it takes the longest.
  [
    'a startup file that waits for input',
    { prepare: profile('cat') },
    { says: /did not start our command within 30 s/, advises: /cat, read, exec.*\[ -t 0 \]/s },
  ],
  [
    'standard error sent to standard output',
    { prepare: profile('exec 2>&1') },
    { says: /standard error to standard output/, advises: /exec 2>&1.*\[ -t 0 \]/s },
  ],
  [
    'standard output sent to standard error',
    { prepare: profile('exec >&2') },
    { says: /standard output to standard error/, advises: /exec >&2/ },
  ],
  ['a startup file that ends the shell', { prepare: profile('echo maintenance; exit 3') }, { ...notOurs, quotes: /^maintenance$/ }],
  [
    'rbash',
    { prepare: 'usermod -s /bin/rbash $user' },
    { says: /did not run our command/, quotes: /restricted/, advises: /restricted one.*chsh/s },
  ],
  ['nologin', { prepare: 'usermod -s /usr/sbin/nologin $user' }, { ...notOurs, quotes: /not available/ }],
  ['/bin/false', { prepare: 'usermod -s /bin/false $user' }, notOurs],
  [
    'command= before the key',
    { prepare: `sed -i 's/^/command="echo only this" /' .ssh/authorized_keys` },
    { ...notOurs, quotes: /only this/ },
  ],
  ['ForceCommand', { user: 'root', sshd: 'ForceCommand echo nothing else' }, { ...notOurs, quotes: /nothing else/ }],
  ['file transfer only', { user: 'root', sshd: 'ForceCommand internal-sftp' }, { ...notOurs, quotes: /sftp connections only/ }],
  ['no command at all', { user: 'root', sshd: 'MaxSessions 0' }, { says: /does not run commands/, advises: /maxsessions/ }],
  [
    'a password that must be changed first',
    { prepare: 'chage -d 0 $user' },
    { says: /has expired/, quotes: /Password change required/, advises: /ssh at a terminal.*chage/s },
  ],
  [
    'an account that has expired',
    { prepare: 'chage -E 0 $user' },
    { says: /closed the connection while \w+ was logging in/, quotes: /account has expired/, advises: /journalctl -u ssh/ },
  ],
  [
    'root for forced commands only',
    { user: 'root', sshd: 'PermitRootLogin forced-commands-only' },
    { says: /closed the connection before a command ran/, advises: /forced-commands-only.*sudo/s },
  ],
  ['no root', { user: 'root', sshd: 'PermitRootLogin no' }, { says: /refused the login of root/, advises: /PermitRootLogin/ }],
  [
    'sudo for one command',
    { sudo: 'no', prepare: sudoers('/usr/bin/apt-get') },
    {
      says: /does not let \w+ become root/,
      quotes: /not allowed to execute '\/bin\/sh' as root/,
      advises: /other commands only.*ALL=\(ALL\) ALL/s,
    },
  ],
  [
    'sudo that requires a terminal',
    { prepare: 'echo "Defaults:$user requiretty" >>/etc/sudoers.d/$user' },
    { says: /requires a terminal/, quotes: /must have a tty/, advises: /!requiretty/ },
  ],
];

function sudoers(commands: string, defaults?: string): string {
  return `{ echo "$user ALL=(ALL) ${commands}"; ${defaults ? `printf 'Defaults:%s %s\\n' "$user" ${quoted(defaults)};` : ''} } >/etc/sudoers.d/$user`;
}

describe('unusual SSH servers', () => {
  const here = lab('trixie', { include: ['sudo'] });
  const settings = [...works, ...refused].map(([, setting]) => setting);
  const servers = [...settings.flatMap(({ sshd }) => (sshd === undefined ? [] : [sshd])), ...limited.map(([, sshd]) => sshd)];
  const portOf = (sshd: string) => String(2201 + servers.indexOf(sshd));
  const userOf = (setting: Setting) => setting.user ?? `user${settings.indexOf(setting)}`;
  let knownHosts: string;

  beforeAll(async () => {
    const withAccount = settings.filter(({ user }) => user === undefined);
    await addAccounts(
      here.host,
      withAccount.map((setting) => ({ name: userOf(setting), password, sudo: setting.sudo ?? 'free' })),
    );
    const prepared = withAccount.map((setting) => `user=${userOf(setting)}; (HOME=/home/$user; cd; ${setting.prepare ?? ':'})`);
    const started = servers.map((sshd) => {
      const config = `/etc/ssh/${portOf(sshd)}`;
      return `{ printf '%s\\n' ${quoted(sshd)} 'Port ${portOf(sshd)}' 'PidFile none' 'PermitRootLogin yes'; cat /etc/ssh/sshd_config; } >${config}; /usr/sbin/sshd -f ${config}`;
    });
    const script = [
      'set -e',
      'apt-get update -qq',
      'apt-get install -qq --no-install-recommends tcsh fish zsh >/dev/null 2>&1',
      'echo /bin/rbash >>/etc/shells',
      ...prepared,
      ...started,
    ];
    const { code, stderr } = await exec(here.host, script.join('\n'));
    if (code !== 0) throw new Error(`the servers could not be made: ${stderr}`);
    const [, type, key] = readFileSync(here.host.knownHosts, 'utf8').split(/\s/);
    const lines = ['', ...servers.map((sshd) => `[${here.host.address}]:${portOf(sshd)} ${type} ${key}\n`)];
    knownHosts = join(folder({ known: `${readFileSync(here.host.knownHosts, 'utf8')}${lines.join('')}` }), 'known');
  });

  function words(command: string, setting: Setting): readonly string[] {
    const port = setting.sshd === undefined ? [] : ['--port', portOf(setting.sshd)];
    return [command, ...reaching(here.host, userOf(setting)), '--known-hosts', knownHosts, ...port, '--json'];
  }

  test.concurrent.each(refused)('%s is reported within 50 s, with advice', async (_, setting, { says, quotes, advises }) => {
    const ended = await begin(words('releases', setting), { env: { FOOBAR_SUDO_PASSWORD: password } }).ended;
    expect(ended.events.at(-1)).toMatchObject({
      event: 'result',
      exitCode: 4,
      durationMs: expect.toSatisfy((milliseconds: number) => milliseconds < 50_000),
      error: {
        message: expect.stringMatching(says),
        hint: expect.stringMatching(advises),
        ...(quotes && { stderr: expect.stringMatching(quotes) }),
      },
    });
  });

  test.concurrent.each(works)('%s is not an obstacle', async (_, setting) => {
    const ended = await begin(words('releases', setting), { env: { FOOBAR_SUDO_PASSWORD: password } }).ended;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  });

  test.concurrent.each(limited)('doctor reports %s, and continues', async (_, sshd, detail) => {
    const ended = await begin(words('doctor', { user: 'root', sshd })).ended;
    const checks = named(ended, 'check');
    expect(checks.find(({ check }) => check === 'sshd')).toMatchObject(
      detail
        ? { state: 'warning', detail: expect.stringMatching(detail), hint: expect.stringMatching(/Everything works/) }
        : { state: 'ok' },
    );
    expect(checks.find(({ check }) => check === 'system')).toMatchObject({ state: 'ok' });
  });

  test('a host that admits only root for now is reported with its own message', async () => {
    await exec(here.host, 'echo "Down until noon" >/etc/nologin');
    const ended = await cli(here.host, 'releases', [], { user: userOf(works[0]?.[1] ?? {}) });
    await exec(here.host, 'rm /etc/nologin');
    expect(ended.events.at(-1)).toMatchObject({
      exitCode: 4,
      error: { stderr: expect.stringContaining('Down until noon'), hint: expect.stringContaining('/etc/nologin') },
    });
  });
});
