import { randomBytes } from 'node:crypto';
import { type Command, sh } from '../command/command.ts';
import type { Secret } from '../command/secret.ts';
import { Problem } from '../error.ts';
import { ending, type Trips } from './channel.ts';
import type { Links } from './connections.ts';
import { toTimer } from './deadline.ts';
import { type MarkReader, printsTooMuch, readMarks } from './delimited-reader.ts';
import { awaitGreeting, hungUp, notGreeted, unexpectedOutput } from './login-shell.ts';
import { commandLine, frame, marks, maxFirstScriptBytes, sessionText } from './shell-protocol.ts';
import { type Access, becomeRoot, notRoot } from './sudo.ts';
import { type Output, surveyTimeoutSeconds } from './transport.ts';

/** The persistent shell of a connection. It is root's, or the login user's if root was only preferred and is not available. */
export interface Session {
  readonly access: Access;
  /** The output of the script that the session was opened with. It is empty if there was none. */
  readonly firstOutput: Promise<Output>;
  script(command: Command, seconds: number): Promise<Output>;
  /** True once the shell has ended or the session has failed, for example because a script timed out. A new session is needed then. */
  over(): boolean;
  close(): void;
}

/**
 * Starts a shell, as root if possible, and runs `first` in it, in two round trips. A password for sudo takes one more, and so does `first` if
 * sudo has to authenticate the user or if it is too long for the command line. Rejects with a `Problem` (exit 4) if the shell does not start,
 * or if root is required and it cannot become root.
 */
export async function openSession(
  links: Links,
  first: Command | undefined,
  password: () => Promise<Secret | undefined>,
  trips: Trips,
  root: 'required' | 'preferred' = 'required',
): Promise<Session> {
  const nonce = randomBytes(16).toString('hex');
  const mark = marks(nonce);
  const sentAtStart = first !== undefined && Buffer.byteLength(first.text) <= maxFirstScriptBytes;
  const { link, channel } = await links.start(
    commandLine(sessionText(frame(sentAtStart ? first : nothingToRun, nonce, 0), nonce, root)),
    trips,
  );
  const { name: host, user } = link.settings;
  const tooMuch = () => fail(printsTooMuch(host));
  const [stdout, stderr] = [readMarks(channel, tooMuch), readMarks(channel.stderr, tooMuch)];
  let greeted = false;
  let access: Access | undefined;
  let over = false;
  const fail = (problem: Problem) => {
    over = true;
    for (const reader of [stdout, stderr]) reader.fail(problem);
    channel.close();
  };
  void ending(channel).then((code) => {
    const output = unexpectedOutput(stdout, stderr);
    if (!link.alive()) fail(greeted ? link.lost() : hungUp(link));
    else if (!greeted) fail(notGreeted(link.settings, output));
    else fail(access === undefined ? notRoot(host, user, output) : ended(host, code));
  });
  // Without a listener, the error of a broken channel would be thrown. The readers above learn of its end anyway.
  channel.on('error', () => undefined);

  let frames = 0;
  const turn = queue();
  const send = (command: Command, seconds: number) => {
    frames += 1;
    trips.count += 1;
    channel.write(frame(command, nonce, frames));
    return receive(frames, seconds);
  };
  const receive = (number: number, seconds: number) =>
    turn(() => withTimeout(host, seconds, fail, () => read(stdout, stderr, mark.begin(number), mark.end(number))));

  try {
    await awaitGreeting(link.settings, stdout, stderr, nonce);
    greeted = true;
    access = await becomeRoot({ host, user, stderr, nonce, trips, password, write: (text) => channel.write(text) });
  } catch (error) {
    channel.close();
    throw error;
  }
  // If `sudo -n` was refused, the script that was sent on the command line has not run.
  const ranAtStart = sentAtStart && access.kind !== 'granted';
  const firstOutput = ranAtStart
    ? receive(0, surveyTimeoutSeconds)
    : first === undefined
      ? Promise.resolve(noOutput)
      : send(first, surveyTimeoutSeconds);
  firstOutput.catch(() => undefined);
  return { access, firstOutput, script: send, over: () => over, close: () => channel.end() };
}

/** The timeout of a script, in seconds, if its caller sets none. */
export const defaultTimeoutSeconds = 60;
const nothingToRun = sh`:`;
const noOutput: Output = { stdout: '', stderr: '', code: 0 };

async function read(stdout: MarkReader, stderr: MarkReader, begin: string, end: string): Promise<Output> {
  const one = async (reader: MarkReader) => {
    await reader.until(begin);
    return (await reader.until(end)).toString('utf8');
  };
  const [out, errors] = await Promise.all([one(stdout), one(stderr)]);
  return { stdout: out, stderr: errors, code: Number(await stdout.until(';')) };
}

/** Returns a function that runs one piece of work at a time, each after the previous one has succeeded or failed. */
function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = tail.then(work, work);
    tail = result;
    return result;
  };
}

/** Fails the whole session on a timeout, because a shell that is stuck in one script can run no other. */
async function withTimeout<T>(host: string, seconds: number, fail: (problem: Problem) => void, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => fail(timedOut(host, seconds)), toTimer(seconds));
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(host: string, seconds: number): Problem {
  return new Problem({
    message: `A command on ${host} did not finish within ${seconds} s.`,
    hint: 'The host may be overloaded, or the command may be hanging. Try again.',
    host,
  });
}

function ended(host: string, code: number | undefined): Problem {
  return new Problem({
    message: `The shell on ${host} ended${code === undefined ? '' : ` with code ${code}`}.`,
    hint: 'Run the command again.',
    host,
  });
}
