import { randomBytes } from 'node:crypto';
import type { Command } from '../command/command.ts';
import { ending } from './channel.ts';
import { printsTooMuch, readMarks } from './delimited-reader.ts';
import type { ScriptContext } from './root-channel.ts';
import { commandLine, marks, terminalText } from './shell-protocol.ts';
import { becomeRoot, notRoot } from './sudo.ts';
import type { Terminal } from './transport.ts';

/** Runs a script as root in a terminal on the host that is connected to the one on this machine. Resolves to its exit code. */
export async function runInTerminal(
  { links, access, trips }: Omit<ScriptContext, 'stop'>,
  command: Command,
  terminal: Terminal,
): Promise<number> {
  const script = Buffer.from(command.text);
  const nonce = randomBytes(16).toString('hex');
  const { columns, rows } = terminal.size();
  const pty = { term: terminal.type, cols: columns, rows, width: 0, height: 0 };
  const { link, channel } = await links.start(commandLine(terminalText(script.length, nonce, access.kind)), trips, pty);
  const { name: host, user } = link.settings;
  const reader = readMarks(channel, () => {
    reader.fail(printsTooMuch(host));
    channel.close();
  });
  channel.on('error', () => undefined);
  const ended = ending(channel).then((code) => {
    reader.fail(link.alive() ? notRoot(host, user, reader.rest()) : link.lost());
    return code;
  });
  const resize = () => {
    const size = terminal.size();
    channel.setWindow(size.rows, size.columns, 0, 0);
  };
  let detach = () => {};
  try {
    const password = async () => (access.kind === 'granted' ? access.password : undefined);
    await becomeRoot({ host, user, stderr: reader, nonce, trips, password, write: (line) => channel.write(line) });
    trips.count += 1;
    // A terminal has one output, in which the marker of standard output is the first, and that of standard error has the group.
    const mark = marks(nonce).begin(0);
    await reader.until(mark);
    await reader.until(mark);
    await reader.until(';');
    channel.write(script);
    reader.flow((chunk) => {
      if (terminal.output.write(chunk)) return;
      channel.pause();
      terminal.output.once('drain', () => channel.resume());
    });
    detach = terminal.attach(resize);
    terminal.input.pipe(channel);
    const code = await ended;
    if (code === undefined) throw link.lost();
    return code;
  } finally {
    detach();
    terminal.input.unpipe(channel);
    channel.close();
  }
}
