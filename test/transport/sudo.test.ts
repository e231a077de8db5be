import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { readMarks } from '../../src/transport/delimited-reader.ts';
import { becomeRoot, notRoot } from '../../src/transport/sudo.ts';

const nonce = '0123456789abcdef0123456789abcdef';

function dialogue(said: string, password?: string) {
  const stream = new PassThrough();
  const written: string[] = [];
  stream.write(said.replaceAll('@', `${nonce}:`));
  const access = becomeRoot({
    host: 'web',
    user: 'bob',
    stderr: readMarks(stream, () => {}),
    nonce,
    trips: { count: 0 },
    password: async () => (password === undefined ? undefined : new Secret(password)),
    write: (text) => written.push(text),
  });
  return { access, written };
}

describe('becomeRoot', () => {
  afterEach(() => void vi.useRealTimers());

  test.each([
    ['a root login', '@root.', { kind: 'root' }, []],
    ['noise before', 'Welcome!\n@sudo.', { kind: 'sudo' }, []],
    ['a lecture, then the prompt', 'sudo: a password is required\nWe trust you.\n@prompt.@granted.', { kind: 'granted' }, ['pw\n']],
    ['sudo that needs no password, but is refused with -n', '@granted.', { kind: 'granted', password: undefined }, []],
    ['a login that need not be root', '@user.', { kind: 'user' }, []],
  ])('%s', async (_, said, expected, sent) => {
    const { access, written } = dialogue(said, 'pw');
    await expect(access).resolves.toMatchObject(expected);
    expect(written).toEqual(sent);
  });

  test.each([
    ['no sudo', '@nosudo.', 'pw', /has no sudo/],
    ['a wrong password', '@prompt.Sorry, try again.\n@prompt.', 'pw', /wrong sudo password/i],
    ['nobody to ask', '@prompt.', undefined, /asks for bob's password/],
  ])('%s', async (_, said, password, message) => {
    await expect(dialogue(said, password).access).rejects.toMatchObject({ exit: 4, message: expect.stringMatching(message) });
  });

  test('a question for something other than the password is reported with its text', async () => {
    vi.useFakeTimers();
    const { access, written } = dialogue('A code was sent to you.\nVerification code: ', 'pw');
    const refused = expect(access).rejects.toMatchObject({
      exit: 4,
      message: expect.stringMatching(/asks bob for something other/),
      details: { hint: expect.stringContaining('NOPASSWD'), stderr: 'A code was sent to you.\nVerification code:' },
    });
    await vi.advanceTimersByTimeAsync(6000);
    await refused;
    expect(written).toEqual([]);
  });

  test('a slow sudo is waited for, up to a limit', async () => {
    vi.useFakeTimers();
    const { access } = dialogue('A push was sent to your telephone.\n', 'pw');
    const refused = expect(access).rejects.toMatchObject({ exit: 4, message: expect.stringMatching(/did not answer within 60 s/) });
    await vi.advanceTimersByTimeAsync(61_000);
    await refused;
  });

  test('the options for passing a password are named', async () => {
    await expect(dialogue('@prompt.').access).rejects.toMatchObject({
      details: { hint: expect.stringMatching(/--sudo-password-stdin.*FOOBAR_SUDO_PASSWORD/) },
    });
  });
});

test.each([
  ['bob is not in the sudoers file.', /does not let bob become root/],
  ["Sorry, user bob is not allowed to execute '/bin/sh' as root on web.", /does not let bob become root/],
  [
    "Sorry, user bob is not allowed to execute '/bin/sh -c umask 022; printf '%s:granted.' x' as root on web.",
    /does not let bob become root/,
    "Sorry, user bob is not allowed to execute '/bin/sh' as root on web.",
  ],
  ['sudo: Account or password is expired, reset your password and try again', /password of bob.*has expired/],
  ['sudo: sorry, you must have a tty to run sudo', /requires a terminal/],
  ['Please login as the user "debian"', /ended bob's session/],
  ['', /ended bob's session/],
])('a session that ended saying %j', (said, message, shown = said) => {
  const problem = notRoot('web', 'bob', `${nonce}:prompt.${said}`);
  expect(problem).toMatchObject({ exit: 4, message: expect.stringMatching(message) });
  expect(problem.details.stderr).toBe(shown === '' ? undefined : shown);
});
