import type { Secret } from '../command/secret.ts';
import { reveal } from '../command/secret.ts';
import { exitCode, Problem } from '../error.ts';
import type { Trips } from './channel.ts';
import type { MarkReader } from './delimited-reader.ts';
import { type Announcement, marks } from './shell-protocol.ts';

/** How a session came to be root: the login is root, sudo let it, or sudo let it for a password. */
export type Access = { readonly kind: 'root' } | { readonly kind: 'sudo' } | { readonly kind: 'granted'; readonly password: Secret };

export interface SudoDialogue {
  readonly host: string;
  readonly user: string;
  readonly stderr: MarkReader;
  readonly nonce: string;
  readonly trips: Trips;
  readonly password: () => Promise<Secret | undefined>;
  /** Writes to the command's standard input; only ever called while sudo's prompt is waiting there. */
  readonly write: (text: string) => void;
}

/** Follows the announcements until root is reached. Rejects with a `Problem` (exit 4) where it is not. */
export async function becomeRoot(dialogue: SudoDialogue): Promise<Access> {
  const { host, user, stderr, nonce, trips, password, write } = dialogue;
  let given: Secret | undefined;
  for (;;) {
    const word = (await orSilence(dialogue, announced(stderr, nonce))) as Announcement;
    switch (word) {
      case 'root':
      case 'sudo':
        return { kind: word };
      case 'granted':
        return given === undefined ? { kind: 'sudo' } : { kind: 'granted', password: given };
      case 'prompt':
        if (given !== undefined) throw refused(host, `Wrong sudo password for ${user} on ${host}.`, 'Run again with the right one.');
        given = await password();
        if (given === undefined) throw refused(host, `sudo on ${host} asks for ${user}'s password, and none was given.`, giveOne);
        trips.count += 1;
        write(`${reveal(given)}\n`);
        break;
      case 'nosudo':
        throw refused(host, `${host} has no sudo, and ${user} is not root.`, 'Log in as root, or install sudo and let the user use it.');
    }
  }
}

/** The next word that a shell of ours announces on a stream. */
export async function announced(reader: MarkReader, nonce: string): Promise<string> {
  await reader.until(marks(nonce).announce);
  return (await reader.until('.')).toString();
}

/** Seconds without a word from sudo; it may ask a directory, or a telephone. */
const silenceSeconds = 60;

/** Seconds after which text without a newline is a question, and not one of ours. */
const questionSeconds = 5;

/** What sudo announces; a `Problem` where it says nothing for too long, or asks something else than the password. */
async function orSilence<T>({ host, user, stderr }: SudoDialogue, work: Promise<T>): Promise<T> {
  let [said, since] = [stderr.rest(), Date.now()];
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setInterval(() => {
      if (stderr.rest() !== said) [said, since] = [stderr.rest(), Date.now()];
      const seconds = (Date.now() - since) / 1000;
      const asks = said !== '' && !said.endsWith('\n');
      if (asks && seconds >= questionSeconds)
        reject(withSaid(refused(host, `sudo on ${host} asks ${user} for something other than the password.`, somethingElse(user)), said));
      else if (seconds >= silenceSeconds)
        reject(withSaid(refused(host, `sudo on ${host} did not answer within ${silenceSeconds} s.`, notAnswering(user)), said));
    }, 500);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearInterval(timer);
  }
}

function somethingElse(user: string): string {
  return `Only a password can be given. As root there, let ${user} become root without being asked: ${user} ALL=(ALL) NOPASSWD: ALL`;
}

function notAnswering(user: string): string {
  return `Try "sudo true" there as ${user}: it may wait for a name server (is the host's own name in /etc/hosts?) or for a second factor.`;
}

const giveOne =
  'Give it with --sudo-password-stdin or in FOOBAR_SUDO_PASSWORD, run in a terminal to be asked, or allow the user NOPASSWD in sudoers.';

function refused(host: string, message: string, hint: string): Problem {
  return new Problem({ message, hint, host, exit: exitCode.unreachable });
}

/** Why a command line ended before root was reached, told from what it printed. */
export function notRoot(host: string, user: string, printed: string): Problem {
  const said = printed
    .replaceAll(/[0-9a-f]{32}:\w+\./g, '')
    // sudo quotes what it refuses to run, which is several lines of ours.
    .replace(/(\/bin\/sh) -c .*(?=' as )/s, '$1')
    .trim();
  const { message, hint } = whyNot(host, user, said);
  return withSaid(refused(host, message, hint), said);
}

function whyNot(host: string, user: string, said: string): { readonly message: string; readonly hint: string } {
  const notAllowed = `sudo on ${host} does not let ${user} become root.`;
  if (/not in the sudoers/i.test(said)) return { message: notAllowed, hint: `As root there: usermod -aG sudo ${user}` };
  if (/may not run|is not allowed to (execute|run)/i.test(said))
    return {
      message: notAllowed,
      hint: `It lets ${user} run other commands only. As root there, allow /bin/sh as root: ${user} ALL=(ALL) ALL`,
    };
  if (/must have a tty|requiretty/i.test(said))
    return { message: `sudo on ${host} requires a terminal.`, hint: `As root there, allow it without: Defaults:${user} !requiretty` };
  if (isExpired(said)) return passwordExpired(host, user);
  return {
    message: `${host} ended ${user}'s session before it became root.`,
    hint: `Try "sudo -v" there as ${user}. Many cloud images refuse root: log in as the image's own user.`,
  };
}

/** Whether a host says that a password has to be changed first. */
export function isExpired(said: string): boolean {
  return /password.*expired|account.*expired|password change required/i.test(said);
}

export function passwordExpired(host: string, user: string): { readonly message: string; readonly hint: string } {
  return {
    message: `The password of ${user} on ${host} has expired, and must be changed first.`,
    hint: `Log in with ssh at a terminal and change it. Or, as root there: chage -d "$(date +%F)" ${user}`,
  };
}

function withSaid(problem: Problem, said: string): Problem {
  return said.trim() === '' ? problem : new Problem({ ...problem.details, stderr: said.trim() });
}
