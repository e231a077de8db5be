import { exitCode, Problem } from '../error.ts';
import type { Link } from './connection.ts';
import type { MarkReader } from './delimited-reader.ts';
import type { Greeting } from './shell-protocol.ts';
import { byHand, type HostSettings } from './ssh-config.ts';
import { announced, isExpired, passwordExpired } from './sudo.ts';

/** The login shell has to run our command in this time. A broken logind alone delays a login by 25 s. */
const greetingTimeoutSeconds = 30;

/**
 * Waits until our command in the login shell has started and both of its output streams are connected correctly. Rejects with a `Problem`
 * (exit 4) that says why not.
 */
export async function awaitGreeting(settings: HostSettings, stdout: MarkReader, stderr: MarkReader, nonce: string): Promise<void> {
  const expect = async (reader: MarkReader, greeting: Greeting) => {
    if ((await announced(reader, nonce)) !== greeting) throw crossed(settings, greeting);
  };
  const missing = new Set<Greeting>(['out', 'err']);
  const out = expect(stdout, 'out').then(() => missing.delete('out'));
  const err = expect(stderr, 'err')
    .then(() => expect(stderr, 'err'))
    .then(() => missing.delete('err'));
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(silent(settings, missing, unexpectedOutput(stdout, stderr))), greetingTimeoutSeconds * 1000);
  });
  try {
    await Promise.race([Promise.all([out, err]), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns what arrived on both streams and is not part of the protocol. */
export function unexpectedOutput(stdout: MarkReader, stderr: MarkReader): string {
  return [stdout.rest(), stderr.rest()]
    .map((text) => text.replaceAll(/[0-9a-f]{32}:\w+\./g, '').trim())
    .filter(Boolean)
    .join('\n');
}

/** Returns the Problem of a login that ended before it ran our command, based on what it printed. */
export function notGreeted(settings: HostSettings, output: string): Problem {
  const { name: host, user } = settings;
  if (isExpired(output)) return problem(settings, passwordExpired(host, user), output);
  const restricted = /restricted/i.test(output);
  return problem(
    settings,
    {
      message: `${user} logged in to ${host}, but ${host} did not run our command.`,
      hint: restricted
        ? `The login shell of ${user} is a restricted one. As root there: chsh -s /bin/bash ${user}. Or log in as another user.`
        : `The login shell may refuse commands (nologin), ~/.bashrc there may end it, or sshd may run a command of its own (ForceCommand, or command= in authorized_keys). Try: ${byHand(settings)} true. Many cloud images refuse root: log in as the image's default user.`,
    },
    output,
  );
}

/** Returns the Problem of a connection that closed after the login and before a command ran. */
export function hungUp(link: Link): Problem {
  const { settings } = link;
  return problem(settings, {
    message: `${settings.user} logged in to ${settings.name}, which closed the connection before a command ran.`,
    hint:
      settings.user === 'root'
        ? 'Its sshd may let root run forced commands only (PermitRootLogin forced-commands-only): log in as a user with sudo. See the log there: journalctl -u ssh'
        : 'The log there says why: journalctl -u ssh',
    cause: link.lost().cause,
  });
}

function crossed(settings: HostSettings, wrong: Greeting): Problem {
  const { name: host, user } = settings;
  const [from, to, words] = wrong === 'out' ? ['error', 'output', 'exec 2>&1'] : ['output', 'error', 'exec >&2'];
  return problem(settings, {
    message: `The login shell of ${user} on ${host} sends standard ${from} to standard ${to}.`,
    hint: `Take "${words}" out of its startup files there (~/.bashrc, ~/.profile, /etc/bash.bashrc), or put it below a line that says: [ -t 0 ] || return`,
  });
}

function silent(settings: HostSettings, missing: ReadonlySet<Greeting>, output: string): Problem {
  const { name: host, user } = settings;
  if (missing.size === 1)
    return problem(
      settings,
      {
        message: `The login shell of ${user} on ${host} sends standard ${missing.has('out') ? 'output' : 'error'} elsewhere.`,
        hint: 'Look for "exec >" in its startup files there (~/.bashrc, ~/.profile, /etc/bash.bashrc), and put it below a line that says: [ -t 0 ] || return',
      },
      output,
    );
  return problem(
    settings,
    {
      message: `${user} logged in to ${host}, but ${host} did not start our command within ${greetingTimeoutSeconds} s.`,
      hint: 'A startup file there (~/.bashrc, ~/.profile) may wait for input or start another program (cat, read, exec, tmux): put it below a line that says: [ -t 0 ] || return. Or sshd runs a command of its own (ForceCommand, or command= in authorized_keys), or the host is overloaded.',
    },
    output,
  );
}

function problem(
  { name }: HostSettings,
  details: { readonly message: string; readonly hint: string; readonly cause?: unknown },
  output = '',
): Problem {
  return new Problem({ ...details, host: name, exit: exitCode.unreachable, ...(output !== '' && { stderr: output }) });
}
