import type { Secret } from '../command/secret.ts';
import { reveal } from '../command/secret.ts';
import { exitCode, Problem } from '../error.ts';
import type { Trips } from './channel.ts';
import type { MarkReader } from './delimited-reader.ts';
import { type Announcement, marks } from './shell-protocol.ts';

/**
 * How a session became root: `root` because the login user is root, `sudo` by `sudo -n`, or `granted` by sudo after it authenticated the user,
 * with a password unless it needed none, for example because the user approved it on a phone. `user` is a session that stays the login user,
 * which is possible only if the caller does not require root.
 */
export type Access =
  | { readonly kind: 'root' }
  | { readonly kind: 'sudo' }
  | { readonly kind: 'user' }
  | { readonly kind: 'granted'; readonly password: Secret | undefined };

export interface SudoDialogue {
  readonly host: string;
  readonly user: string;
  readonly stderr: MarkReader;
  readonly nonce: string;
  readonly trips: Trips;
  readonly password: () => Promise<Secret | undefined>;
  /** Writes to the command's standard input. Only called while sudo's prompt waits for it. */
  readonly write: (text: string) => void;
}

/** Follows the announcements until the session is root. Rejects with a `Problem` (exit 4) if it cannot become root. */
export async function becomeRoot(dialogue: SudoDialogue): Promise<Access> {
  const { host, user, stderr, nonce, trips, password, write } = dialogue;
  let secret: Secret | undefined;
  for (;;) {
    const word = (await withSudoTimeout(dialogue, announced(stderr, nonce))) as Announcement;
    switch (word) {
      case 'root':
      case 'sudo':
      case 'user':
        return { kind: word };
      case 'granted':
        return { kind: 'granted', password: secret };
      case 'prompt':
        if (secret !== undefined) throw refused(host, `Wrong sudo password for ${user} on ${host}.`, 'Run again with the right one.');
        secret = await password();
        if (secret === undefined) throw refused(host, `sudo on ${host} asks for ${user}'s password, and none was given.`, givePasswordHint);
        trips.count += 1;
        write(`${reveal(secret)}\n`);
        break;
      case 'nosudo':
        throw refused(host, `${host} has no sudo, and ${user} is not root.`, 'Log in as root, or install sudo and let the user use it.');
    }
  }
}

/** Returns the next word that our shell announces on a stream. */
export async function announced(reader: MarkReader, nonce: string): Promise<string> {
  await reader.until(marks(nonce).announce);
  return (await reader.until('.')).toString();
}

/** The timeout for an answer from sudo, which may wait for a directory server or a phone. */
const sudoTimeoutSeconds = 60;

/** Text without a newline that is this old is a question other than our prompt. */
const questionAfterSeconds = 5;

/** Waits for sudo's announcement. Rejects with a `Problem` if it prints nothing for too long, or asks something other than the password. */
async function withSudoTimeout<T>({ host, user, stderr }: SudoDialogue, work: Promise<T>): Promise<T> {
  let [output, since] = [stderr.rest(), Date.now()];
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setInterval(() => {
      if (stderr.rest() !== output) [output, since] = [stderr.rest(), Date.now()];
      const seconds = (Date.now() - since) / 1000;
      const asks = output !== '' && !output.endsWith('\n');
      if (asks && seconds >= questionAfterSeconds)
        reject(
          withOutput(refused(host, `sudo on ${host} asks ${user} for something other than the password.`, somethingElse(user)), output),
        );
      else if (seconds >= sudoTimeoutSeconds)
        reject(withOutput(refused(host, `sudo on ${host} did not answer within ${sudoTimeoutSeconds} s.`, notAnswering(user)), output));
    }, 500);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearInterval(timer);
  }
}

function somethingElse(user: string): string {
  return `Only a password can be given. As root there, add a line to sudoers, so that sudo asks nothing: ${user} ALL=(ALL) NOPASSWD: ALL`;
}

function notAnswering(user: string): string {
  return `Try "sudo true" there as ${user}: it may wait for a name server (is the host's own name in /etc/hosts?) or for a second factor.`;
}

const givePasswordHint =
  'Give it with --sudo-password-stdin or in FOOBAR_SUDO_PASSWORD, run in a terminal to be asked, or allow the user NOPASSWD in sudoers.';

function refused(host: string, message: string, hint: string): Problem {
  return new Problem({ message, hint, host, exit: exitCode.unreachable });
}

/** Returns the Problem of a command line that ended before it became root, based on what it printed. */
export function notRoot(host: string, user: string, printed: string): Problem {
  const output = printed
    .replaceAll(/[0-9a-f]{32}:\w+\./g, '')
    // sudo quotes the command that it refuses to run, which is several lines long.
    .replace(/(\/bin\/sh) -c .*(?=' as )/s, '$1')
    .trim();
  const { message, hint } = whyNot(host, user, output);
  return withOutput(refused(host, message, hint), output);
}

function whyNot(host: string, user: string, output: string): { readonly message: string; readonly hint: string } {
  const notAllowed = `sudo on ${host} does not let ${user} become root.`;
  if (/not in the sudoers/i.test(output)) return { message: notAllowed, hint: `As root there: usermod -aG sudo ${user}` };
  if (/may not run|is not allowed to (execute|run)/i.test(output))
    return {
      message: notAllowed,
      hint: `It lets ${user} run other commands only. As root there, add a line to sudoers: ${user} ALL=(ALL) ALL`,
    };
  if (/must have a tty|requiretty/i.test(output))
    return { message: `sudo on ${host} requires a terminal.`, hint: `As root there, add a line to sudoers: Defaults:${user} !requiretty` };
  if (isExpired(output)) return passwordExpired(host, user);
  return {
    message: `${host} ended ${user}'s session before it became root.`,
    hint: `Try "sudo -v" there as ${user}. Many cloud images refuse root: log in as the image's default user.`,
  };
}

/** Returns whether a host's output says that a password has expired. */
export function isExpired(output: string): boolean {
  return /password.*expired|account.*expired|password change required/i.test(output);
}

/** Returns the message and hint for an expired password. */
export function passwordExpired(host: string, user: string): { readonly message: string; readonly hint: string } {
  return {
    message: `The password of ${user} on ${host} has expired, and must be changed first.`,
    hint: `Log in with ssh at a terminal and change it. Or, as root there: chage -d "$(date +%F)" ${user}`,
  };
}

function withOutput(problem: Problem, output: string): Problem {
  return output.trim() === '' ? problem : new Problem({ ...problem.details, stderr: output.trim() });
}
