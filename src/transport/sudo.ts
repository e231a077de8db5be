import type { Secret } from '../command/secret.ts';
import { reveal } from '../command/secret.ts';
import { exitCode, Problem } from '../error.ts';
import type { Trips } from './channel.ts';
import type { MarkReader } from './marks.ts';
import { marks } from './shell-text.ts';

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
    await stderr.until(marks(nonce).announce);
    const word = (await stderr.until('.')).toString();
    switch (word) {
      case 'root':
      case 'sudo':
        return { kind: word };
      case 'granted':
        return given === undefined ? { kind: 'sudo' } : { kind: 'granted', password: given };
      case 'prompt':
        if (given !== undefined) throw refused(host, `Wrong sudo password for ${user} on ${host}.`, 'Run again with the right one.');
        given = await password();
        if (given === undefined) throw refused(host, `sudo on ${host} wants ${user}'s password, and there is none to give.`, giveOne);
        trips.count += 1;
        write(`${reveal(given)}\n`);
        break;
      default:
        throw refused(host, `${host} has no sudo, and ${user} is not root.`, 'Log in as root, or install sudo and let the user use it.');
    }
  }
}

const giveOne =
  'Give it with --sudo-password-stdin or in FOOBAR_SUDO_PASSWORD, run in a terminal to be asked, or allow the user NOPASSWD in sudoers.';

function refused(host: string, message: string, hint: string): Problem {
  return new Problem({ message, hint, host, exit: exitCode.unreachable });
}

/** Why a command line ended before root was reached, told from what it printed. */
export function notRoot(host: string, user: string, printed: string): Problem {
  const said = printed.replaceAll(/[0-9a-f]{32}:\w+\./g, '').trim();
  if (/not in the sudoers|may not run|is not allowed to (execute|run)/i.test(said)) {
    return withSaid(refused(host, `sudo on ${host} does not let ${user} become root.`, `As root there: usermod -aG sudo ${user}`), said);
  }
  if (/must have a tty|requiretty/i.test(said)) {
    return withSaid(
      refused(host, `sudo on ${host} wants a terminal.`, `As root there, allow it without: Defaults:${user} !requiretty`),
      said,
    );
  }
  return withSaid(
    refused(
      host,
      `${host} ended ${user}'s session before it was root.`,
      "What it printed is below. Many cloud images refuse root: log in as the image's own user.",
    ),
    said,
  );
}

function withSaid(problem: Problem, stderr: string): Problem {
  return stderr === '' ? problem : new Problem({ ...problem.details, stderr });
}
