import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type Command, lines, sh } from '../command/command.ts';
import { reveal } from '../command/secret.ts';
import { Problem } from '../error.ts';
import { stateFolder } from '../host-paths.ts';
import type { Output, Transport } from '../transport/transport.ts';
import { effectsOf } from './effect.ts';
import type { EngineEmit } from './event.ts';
import { JournalReader, type Prove } from './journal.ts';
import type { RunOutcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { follow as followRun, launch } from './run-libraries.ts';
import { definitionsOf } from './shell-library.ts';
import { type StepSummary, stepsOf } from './steps.ts';

/** The hours after which this program stops following a run. The run itself continues. */
const followTimeoutHours = 6;

/** A channel on which the host waits for a run. */
export interface Launcher {
  /** Sends the input to the host, and resolves when the run has ended or is no longer followed. */
  launch(input: Buffer, onLine: (line: string) => void): Promise<Output>;
}

/**
 * Makes the host wait for a run, so that starting it takes one round trip. If no run is launched, the channel ends with the connection. If
 * the host cannot open such a channel now, `launch` opens a new one.
 */
export function standBy(transport: Transport): Launcher {
  const input = new PassThrough();
  let listener: (line: string) => void = () => {};
  const run = (what: PassThrough | Buffer, onLine: (line: string) => void) =>
    transport.run(launchScript, { input: what, timeout: 2 * followTimeoutHours * 3600, onLine });
  const ended = run(input, (line) => listener(line));
  // Only `launch` reports this error.
  ended.catch(() => {});
  return {
    launch: (content, onLine) => {
      listener = onLine;
      input.end(content);
      return ended.catch((error: unknown) => {
        if (input.readableDidRead) throw error;
        return run(content, onLine);
      });
    },
  };
}

const launchScript = lines(sh`STATE=${stateFolder}`, definitionsOf([launch]), sh`launch_run`);

/**
 * Sends a script to the host and follows the run to its end. The run is a transient unit on the host, so it continues if this process or
 * the connection ends.
 */
export async function start(
  transport: Transport,
  id: string,
  script: string,
  plan: Plan,
  emit: EngineEmit,
  prove: Prove = async () => {},
  launcher = standBy(transport),
  /** What the host records about the run: who started it, and why each change is made. */
  about = '',
): Promise<RunOutcome> {
  const supplies = plan.changes.flatMap((change) =>
    effectsOf(change, 'supplies').map(({ name, value }) => ({ name, value: Buffer.from(reveal(value)) })),
  );
  const text = gzipSync(script);
  const record = Buffer.from(about);
  const words = [id, text.length, record.length, ...supplies.flatMap(({ name, value }) => [name, value.length])];
  const input = Buffer.concat([Buffer.from(`${words.join(' ')}\n`), text, record, ...supplies.map(({ value }) => value)]);
  return journal(transport.host, stepsOf(plan), emit, prove, (onLine) => launcher.launch(input, onLine));
}

/** Follows a run that another client has started. Only the names of its steps are known. */
export async function follow(transport: Transport, id: string, emit: EngineEmit): Promise<RunOutcome> {
  return journal(
    transport.host,
    [],
    emit,
    async () => {},
    (onLine) => transport.run(followScript(id), { timeout: followTimeoutHours * 3600, onLine }),
  );
}

/**
 * Resolves to the outcome of a run that is no longer followed, according to its journal, and whether it is still going on or still has to
 * be reverted.
 */
export async function outcomeOf(
  transport: Transport,
  id: string,
  plan: Plan,
): Promise<{ readonly outcome: RunOutcome; readonly isActive: boolean }> {
  const reader = new JournalReader(
    transport.host,
    stepsOf(plan),
    () => {},
    async () => {},
  );
  const { stdout } = await transport.script(
    lines(
      sh`cd ${`${stateFolder}/runs/${id}`} && cat journal`,
      sh`if [ -e armed ] || systemctl is-active --quiet ${runUnit(id)}; then echo going; fi`,
    ),
  );
  const journalLines = stdout.split('\n');
  for (const line of journalLines) reader.read(line);
  return { outcome: reader.outcome, isActive: reader.outcome.kind === 'interrupted' && journalLines.includes('going') };
}

function followScript(id: string): Command {
  return lines(sh`STATE=${stateFolder}`, definitionsOf([followRun]), sh`follow_run ${id}`);
}

/** Returns the name of a run's unit on the host, by which a survey finds it. */
export function runUnit(id: string): string {
  return `foobar-provision-run-${id}.service`;
}

async function journal(
  host: string,
  steps: readonly StepSummary[],
  emit: EngineEmit,
  prove: Prove,
  read: (onLine: (line: string) => void) => Promise<Output>,
): Promise<RunOutcome> {
  const reader = new JournalReader(host, steps, emit, prove);
  const output = await read((line) => reader.read(line));
  if (!reader.begun && output.code !== 0) {
    throw new Problem({
      message: 'The host could not start the run.',
      host,
      commandExit: output.code,
      stderr: output.stderr.trim(),
      hint: /No space left/.test(output.stderr)
        ? `There is no space left in ${stateFolder}: make room there, then run again. Nothing was changed.`
        : 'Nothing was changed. See whether systemd works there: systemctl status.',
    });
  }
  return reader.outcome;
}
