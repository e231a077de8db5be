import { randomBytes } from 'node:crypto';
import type { ClientChannel } from 'ssh2';
import type { Command } from '../command/command.ts';
import { Problem } from '../error.ts';
import { ending, type Trips } from './channel.ts';
import type { Link } from './connection.ts';
import type { Links } from './connections.ts';
import { type MarkReader, printsTooMuch, readMarks } from './delimited-reader.ts';
import { channelText, commandLine, marks } from './shell-protocol.ts';
import { type Access, becomeRoot, notRoot } from './sudo.ts';

/** Where a script runs, and how it is ended there. */
export interface Ground {
  readonly links: Links;
  readonly access: Access;
  readonly trips: Trips;
  /** Ends a process group on the host; nothing waits for it. */
  readonly stop: (group: string) => void;
}

/** A channel whose command becomes root and then runs a script. What the readers hold after `begin` is the script's own. */
export interface RootChannel {
  /** The connection that it is on. */
  readonly link: Link;
  readonly channel: ClientChannel;
  readonly stdout: MarkReader;
  readonly stderr: MarkReader;
  /** The script's exit code; undefined where the link died first. */
  readonly ended: Promise<number | undefined>;
  /** Becomes root and sends the script; what is written to the channel afterwards is its input. Resolves to its process group. */
  begin(): Promise<string>;
}

/** The script's text travels on standard input, so that no list of processes and no log shows it. */
export async function openRootChannel({ links, access, trips }: Ground, command: Command): Promise<RootChannel> {
  const script = Buffer.from(command.text);
  const nonce = randomBytes(16).toString('hex');
  const { link, channel } = await links.start(commandLine(channelText(script.length, nonce, access.kind)), trips);
  const { name: host, user } = link.settings;
  const fail = (problem: Problem) => {
    for (const reader of [stdout, stderr]) reader.fail(problem);
  };
  const tooMuch = () => {
    fail(printsTooMuch(host));
    channel.close();
  };
  const [stdout, stderr] = [readMarks(channel, tooMuch), readMarks(channel.stderr, tooMuch)];
  channel.on('error', () => undefined);
  let isRoot = false;
  const ended = ending(channel).then((code) => {
    const early = () => (isRoot ? cutShort(host, code, stderr.rest().trim()) : notRoot(host, user, stderr.rest()));
    fail(link.alive() ? early() : link.lost());
    return code;
  });

  async function begin(): Promise<string> {
    const password = async () => (access.kind === 'granted' ? access.password : undefined);
    await becomeRoot({ host, user, stderr, nonce, trips, password, write: (line) => channel.write(line) });
    isRoot = true;
    trips.count += 1;
    channel.write(script);
    const start = marks(nonce).begin(0);
    await Promise.all([stdout.until(start), stderr.until(start)]);
    return (await stderr.until(';')).toString();
  }

  return { link, channel, stdout, stderr, ended, begin };
}

function cutShort(host: string, code: number | undefined, stderr: string): Problem {
  return new Problem({
    message: `A command on ${host} ended before it answered.`,
    hint: 'What it printed is below; try the command again.',
    host,
    ...(code !== undefined && { commandExit: code }),
    ...(stderr !== '' && { stderr }),
  });
}
