import { finished, Readable, type Writable } from 'node:stream';
import type { Command } from '../command/command.ts';
import { Problem } from '../error.ts';
import { toTimer } from './deadline.ts';
import { maxAnswerBytes, printsTooMuch } from './delimited-reader.ts';
import { interrupted } from './interrupted.ts';
import { splitLines } from './lines.ts';
import { openRootChannel, type ScriptContext } from './root-channel.ts';
import type { Output, RunOptions } from './transport.ts';

/** The default timeout of a command. The longest step is a distribution's package transaction. */
const defaultTimeoutSeconds = 1800;

/** Runs a script as root on a channel of its own. */
export async function runScript(context: ScriptContext, command: Command, options: RunOptions): Promise<Output> {
  const { stop } = context;
  const { link, channel, stdout, stderr, ended, begin, group: startedGroup } = await openRootChannel(context, command);
  const { name: host } = link.settings;
  const input = typeof options.input === 'string' || Buffer.isBuffer(options.input) ? Readable.from([options.input]) : options.input;
  const [out, errors]: [Buffer[], Buffer[]] = [[], []];
  let received = 0;
  const lines = splitLines(options.onLine);
  let group: string | undefined;
  let done = false;

  async function work(): Promise<Output> {
    await begin();
    if (input === undefined) channel.end();
    else input.pipe(channel);
    group = await startedGroup();
    const collect = (chunk: Buffer, target: Buffer[]) => {
      received += chunk.length;
      if (received > maxAnswerBytes) limits.exceed(printsTooMuch(host));
      else target.push(chunk);
    };
    const { output, errors: errorOutput } = options;
    stderr.flow((chunk) => (errorOutput ? void pass(chunk, channel.stderr, errorOutput) : collect(chunk, errors)));
    stdout.flow((chunk) => {
      if (output) return pass(chunk, channel, output);
      collect(chunk, out);
      if (received <= maxAnswerBytes) lines.push(chunk);
    });
    const code = await ended;
    done = true;
    if (code === undefined) throw link.lost();
    lines.end();
    output?.end();
    return { stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(errors).toString('utf8'), code };
  }

  const limits = watchLimits(host, options, input);
  try {
    return await Promise.race([work(), limits.exceeded]);
  } finally {
    limits.stop();
    // ssh2 discards what is written to a channel that the host has closed, so a pipe into it would wait for ever.
    input?.unpipe(channel);
    input?.destroy();
    channel.close();
    if (!done) options.output?.destroy();
    if (!done && group) stop(group);
  }
}

/** Passes output on. What cannot be written yet waits on the host. */
function pass(chunk: Buffer, from: Readable, to: Writable): void {
  if (to.write(chunk)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

/** Returns a promise that rejects with a `Problem` on a timeout, an interruption by the caller, or a failure of the input. */
function watchLimits(host: string, { timeout: seconds = defaultTimeoutSeconds, signal }: RunOptions, input: Readable | undefined) {
  let reject: (problem: Problem) => void = () => undefined;
  const exceeded = new Promise<never>((_resolve, fail) => {
    reject = fail;
  });
  exceeded.catch(() => undefined);
  const interrupt = () => reject(interrupted(host));
  const timer = setTimeout(() => reject(tooLong(host, seconds)), toTimer(seconds));
  if (signal?.aborted) interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  const unwatchInput =
    input &&
    finished(input, { writable: false }, (cause) => {
      if (cause) reject(new Problem({ message: `The data to send to ${host} could not be read (${cause.message}).`, host, cause }));
    });
  return {
    exceeded,
    exceed: reject,
    stop() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
      unwatchInput?.();
    },
  };
}

function tooLong(host: string, seconds: number): Problem {
  return new Problem({
    message: `A command on ${host} timed out after ${seconds} s.`,
    hint: 'The host may be overloaded, or the command waits for something.',
    host,
  });
}
