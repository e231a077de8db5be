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

/** Hours after which a run that we follow is left to itself; it goes on. */
const followTimeoutHours = 6;

/** A channel on which the host waits to be handed a run. */
export interface Launcher {
  /** Hands over what comes on the channel's input, and resolves when what follows the run has ended. */
  launch(input: Buffer, onLine: (line: string) => void): Promise<Output>;
}

/**
 * Has the host wait for a run, so that starting it takes one round trip. Where none comes, nothing is done there, and the channel ends with the
 * connection. Where the host gives no such channel now, it is asked again when the run is there.
 */
export function standBy(transport: Transport): Launcher {
  const input = new PassThrough();
  let listener: (line: string) => void = () => {};
  const run = (what: PassThrough | Buffer, onLine: (line: string) => void) =>
    transport.run(launchScript, { input: what, timeout: 2 * followTimeoutHours * 3600, onLine });
  const ended = run(input, (line) => listener(line));
  // Whoever launches hears of it; nobody else has to.
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
 * Hands a script to the host and follows it to its end. It runs there as a transient unit of the host's own,
 * so nothing that happens to this process or to the connection reaches it.
 */
export async function start(
  transport: Transport,
  id: string,
  script: string,
  plan: Plan,
  emit: EngineEmit,
  prove: Prove = async () => {},
  launcher = standBy(transport),
): Promise<RunOutcome> {
  const supplies = plan.changes.flatMap((change) =>
    effectsOf(change, 'supplies').map(({ name, value }) => ({ name, value: Buffer.from(reveal(value)) })),
  );
  const text = gzipSync(script);
  const words = [id, text.length, ...supplies.flatMap(({ name, value }) => [name, value.length])];
  const input = Buffer.concat([Buffer.from(`${words.join(' ')}\n`), text, ...supplies.map(({ value }) => value)]);
  return journal(transport.host, stepsOf(plan), emit, prove, (onLine) => launcher.launch(input, onLine));
}

/** Follows a run that someone else has started. Its steps are known by their names alone. */
export async function follow(transport: Transport, id: string, emit: EngineEmit): Promise<RunOutcome> {
  return journal(
    transport.host,
    [],
    emit,
    async () => {},
    (onLine) => transport.run(followScript(id), { timeout: followTimeoutHours * 3600, onLine }),
  );
}

/** How a run ended that we no longer follow, as far as its journal tells, and whether more may come: it works, or is still to be put back. */
export async function outcomeOf(
  transport: Transport,
  id: string,
  plan: Plan,
): Promise<{ readonly outcome: RunOutcome; readonly goesOn: boolean }> {
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
  const told = stdout.split('\n');
  for (const line of told) reader.read(line);
  return { outcome: reader.outcome, goesOn: reader.outcome.kind === 'interrupted' && told.includes('going') };
}

function followScript(id: string): Command {
  return lines(sh`STATE=${stateFolder}`, definitionsOf([followRun]), sh`follow_run ${id}`);
}

/** The unit that a run is on the host; by this name a look at the host finds it. */
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
