import { randomBytes } from 'node:crypto';
import type { Command } from '../command/command.ts';
import { Problem } from '../error.ts';
import { ending, type Trips } from './channel.ts';
import type { Channel, Link } from './connection.ts';
import type { Links } from './connections.ts';
import { type MarkReader, printsTooMuch, readMarks } from './delimited-reader.ts';
import { channelText, commandLine, marks } from './shell-protocol.ts';
import { type Access, becomeRoot, notRoot } from './sudo.ts';

/** What running a script on a channel of its own requires. */
export interface ScriptContext {
  readonly links: Links;
  readonly access: Access;
  readonly trips: Trips;
  /** Terminates a process group on the host without waiting for it. */
  readonly stop: (group: string) => void;
}

/** A channel whose command becomes root and then runs a script. After `group`, the readers return the script's own output. */
export interface RootChannel {
  /** The channel's connection. */
  readonly link: Link;
  readonly channel: Channel;
  readonly stdout: MarkReader;
  readonly stderr: MarkReader;
  /** Resolves to the script's exit code, or to undefined if the connection was lost first. */
  readonly ended: Promise<number | undefined>;
  /** Becomes root and sends the script. Bytes written to the channel afterwards are its input. */
  begin(): Promise<void>;
  /** Resolves to the script's process group once it has started. */
  group(): Promise<string>;
}

/** Opens a channel for a script. Its text travels on standard input, so that no list of processes and no log shows it. */
export async function openRootChannel({ links, access, trips }: ScriptContext, command: Command): Promise<RootChannel> {
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
    const early = () => (isRoot ? endedEarly(host, code, stderr.rest().trim()) : notRoot(host, user, stderr.rest()));
    fail(link.alive() ? early() : link.lost());
    return code;
  });

  async function begin(): Promise<void> {
    const password = async () => (access.kind === 'granted' ? access.password : undefined);
    await becomeRoot({ host, user, stderr, nonce, trips, password, write: (line) => channel.write(line) });
    isRoot = true;
    trips.count += 1;
    channel.write(script);
  }

  async function group(): Promise<string> {
    const start = marks(nonce).begin(0);
    await Promise.all([stdout.until(start), stderr.until(start)]);
    return (await stderr.until(';')).toString();
  }

  return { link, channel, stdout, stderr, ended, begin, group };
}

function endedEarly(host: string, code: number | undefined, stderr: string): Problem {
  return new Problem({
    message: `A command on ${host} ended before it answered.`,
    hint: 'Run this command again.',
    host,
    ...(code !== undefined && { commandExit: code }),
    ...(stderr !== '' && { stderr }),
  });
}
