import { PassThrough } from 'node:stream';
import { quote } from '../command/command.ts';
import { reveal } from '../command/secret.ts';
import { exitCode, Problem } from '../error.ts';
import type { Output, Transport } from '../transport/transport.ts';
import type { Emit } from './event.ts';
import { stateFolder } from './manifest.ts';
import type { Plan } from './plan.ts';
import { type Step, stepsOf } from './render.ts';

/** How a run ended, as its journal tells. */
export type Ending =
  | { readonly kind: 'ok' }
  | { readonly kind: 'stopped' | 'stale' }
  | { readonly kind: 'busy'; readonly holder: string }
  /** The run died before the way in was proven, and the host has put back by itself what may have cut it off. */
  | { readonly kind: 'reverted' }
  | {
      readonly kind: 'rolled-back' | 'failed';
      readonly step: string;
      readonly code: number;
      readonly stderr: string;
      readonly stuck: readonly string[];
      readonly lasting: readonly string[];
    }
  /** The journal stops without an end: the script was killed, or the host went down. */
  | { readonly kind: 'cut' };

/** Comes in by a new connection within so many seconds, and tells the run. It takes its failures to the run too, and never rejects. */
export type Prove = (seconds: number) => Promise<void>;

/** Hours after which a run that we follow is left to itself; it goes on. */
const patience = 6;

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
    transport.run(launcherText, { input: what, timeout: 2 * patience * 3600, onLine });
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

/** Its input is a line of words, the run's name, its script's bytes, and each secret's name and bytes, and then those bytes in that order. */
const launcherText = `
umask 077
read -r id length supplies || exit
RUN=${stateFolder}/runs/$id
mkdir -p "$RUN/secrets" || exit
# What was cut short on its way is not started.
take() { head -c "$2" >"$1" && [ "$(wc -c <"$1")" -eq "$2" ] || exit; }
take "$RUN/script" "$length"
set -- $supplies
while [ $# -gt 0 ]; do
  take "$RUN/secrets/$1" "$2"
  shift 2
done
: >"$RUN/journal"
systemd-run --quiet --collect --unit="foobar-provision-run-$id" --description="foobar-provision, run $id" --property=Environment=HOME=/root --property=TimeoutStopSec=10min -- /bin/sh "$RUN/script" || exit
${followText('"$id"')}`;

/**
 * Hands a script to the host and follows it to its end. It runs there as a transient unit of the host's own,
 * so nothing that happens to this process or to the connection reaches it.
 */
export async function start(
  transport: Transport,
  id: string,
  script: string,
  plan: Plan,
  emit: Emit,
  prove: Prove = async () => {},
  launcher = standBy(transport),
): Promise<Ending> {
  const supplies = plan.changes.flatMap(({ supply }) => (supply ? [{ name: supply.name, value: Buffer.from(reveal(supply.value)) }] : []));
  const text = Buffer.from(script);
  const words = [id, text.length, ...supplies.flatMap(({ name, value }) => [name, value.length])];
  const input = Buffer.concat([Buffer.from(`${words.join(' ')}\n`), text, ...supplies.map(({ value }) => value)]);
  return journal(transport.host, stepsOf(plan), emit, prove, (onLine) => launcher.launch(input, onLine));
}

/** Follows a run that someone else has started. Its steps are known by their names alone. */
export async function follow(transport: Transport, id: string, emit: Emit): Promise<Ending> {
  return journal(
    transport.host,
    [],
    emit,
    async () => {},
    (onLine) => transport.run(followText(quote(id)), { timeout: patience * 3600, onLine }),
  );
}

/** How a run ended that we no longer follow, as far as its journal tells, and whether more may come: it works, or is still to be put back. */
export async function endingOf(
  transport: Transport,
  id: string,
  plan: Plan,
): Promise<{ readonly ending: Ending; readonly goesOn: boolean }> {
  const reader = new Reader(
    transport.host,
    stepsOf(plan),
    () => {},
    async () => {},
  );
  const { stdout } = await transport.script(`cd ${stateFolder}/runs/${id} && cat journal
if [ -e armed ] || systemctl is-active --quiet foobar-provision-run-${id}.service; then echo going; fi`);
  const lines = stdout.split('\n');
  for (const line of lines) reader.read(line);
  return { ending: reader.ending, goesOn: reader.ending.kind === 'cut' && lines.includes('going') };
}

/** Follows the run of this name, a shell's word. */
function followText(id: string): string {
  // Where the kernel tells of no writes to a file (an overlay), it is looked at every so many seconds.
  return `journal=${stateFolder}/runs/${id}/journal
pid=$(systemctl show --property=MainPID --value foobar-provision-run-${id}.service)
tail -n +1 -s 0.01 --pid="\${pid:-0}" -f "$journal"`;
}

async function journal(
  host: string,
  steps: readonly Step[],
  emit: Emit,
  prove: Prove,
  read: (onLine: (line: string) => void) => Promise<Output>,
): Promise<Ending> {
  const reader = new Reader(host, steps, emit, prove);
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
  return reader.ending;
}

/** Turns the journal's lines into events. The words are those of the script's prelude. */
class Reader {
  begun = false;
  ending: Ending = { kind: 'cut' };
  #failed = { step: '', code: 0 };
  readonly #errors: string[] = [];
  readonly #stuck: string[] = [];
  readonly #made = new Set<number>();

  constructor(
    readonly host: string,
    readonly steps: readonly Step[],
    readonly emit: Emit,
    readonly prove: Prove,
  ) {}

  read(line: string): void {
    this.begun = true;
    if (line.startsWith('pmstatus:') || line.startsWith('dlstatus:')) {
      this.#packages(line);
      return;
    }
    const [word, one = '', two = ''] = line.split('\t');
    const step = this.#step(one);
    switch (word) {
      case 'begin':
        if (step) this.emit({ event: 'step', host: this.host, step, of: this.steps.length });
        else this.emit({ event: 'stage', text: two || one });
        break;
      case 'ok':
        this.#made.add(Number(one));
        if (step) this.emit({ event: 'done', host: this.host, step });
        break;
      case 'check':
        this.emit({ event: 'stage', text: one });
        break;
      case 'progress':
        this.emit({ event: 'progress', text: one });
        break;
      case 'prove':
        this.emit({ event: 'stage', text: 'logging in anew' });
        void this.prove(Number(one));
        break;
      case 'fail':
        this.#failed = { step: one, code: Number(two) };
        break;
      case 'err':
        this.#errors.push(line.slice(4));
        break;
      case 'undone':
        if (step) this.emit({ event: 'undo', host: this.host, step, ok: true });
        break;
      case 'stuck':
        this.#stuck.push(step?.name ?? one);
        if (step) this.emit({ event: 'undo', host: this.host, step, ok: false });
        break;
      case 'end':
        this.#end(one, two);
        break;
    }
  }

  #step(number: string): Step | undefined {
    return /^\d+$/.test(number) ? this.steps[Number(number) - 1] : undefined;
  }

  #packages(line: string): void {
    const [kind, name = '', percent = '', text = ''] = line.split(':');
    const what = kind === 'dlstatus' ? 'fetching packages' : text || name;
    // Fetching is a tenth of a transaction's time, installing the rest.
    const part = kind === 'dlstatus' ? Number(percent) / 1000 : 0.1 + Number(percent) / 111.2;
    this.emit({ event: 'progress', part: Math.min(part, 1), text: what });
  }

  #end(how: string, detail: string): void {
    if (how === 'ok' || how === 'stopped' || how === 'stale' || how === 'reverted') this.ending = { kind: how };
    else if (how === 'busy') this.ending = { kind: 'busy', holder: detail };
    else {
      const lasting = this.steps.filter((step) => step.lasting && this.#made.has(step.number)).map(({ name }) => name);
      this.ending = {
        kind: how === 'rolled-back' ? 'rolled-back' : 'failed',
        ...this.#failed,
        stderr: this.#errors.join('\n'),
        stuck: this.#stuck,
        lasting,
      };
    }
  }
}

export type Unsuccessful = Exclude<Ending, { readonly kind: 'ok' }>;

/** The Problem that an ending other than `ok` is, with what to do now. */
export function problemOf(ending: Unsuccessful, host: string, id: string): Problem {
  const log = `The whole log is ${stateFolder}/runs/${id}/log on the host.`;
  switch (ending.kind) {
    case 'busy':
      return new Problem({
        message: `Another run (${ending.holder || 'just starting'}) holds the lock of ${host}.`,
        host,
        hint: 'Wait until it has ended, then run again. Nothing was changed.',
        exit: exitCode.locked,
      });
    case 'stale':
      return new Problem({
        message: `Another run has changed ${host} since the plan was made.`,
        host,
        hint: 'Run again: the plan is then made anew. Nothing was changed.',
      });
    case 'stopped':
      return new Problem({
        message: 'The run was stopped after the step that was under way.',
        host,
        hint: 'Running again is safe, and finishes what is left.',
        exit: exitCode.interrupted,
      });
    case 'cut':
      return new Problem({
        message: `The run on ${host} was cut off before its end.`,
        host,
        hint: `Run again: it goes on from where the host is now. ${log}`,
      });
    case 'reverted':
      return new Problem({
        message: 'The run was cut off before a new connection had proven the way in, and what may have closed it was put back.',
        host,
        hint: `Run again: it goes on from where the host is now. ${log}`,
        exit: exitCode.rolledBack,
      });
    case 'rolled-back': {
      const lasting = ending.lasting.length > 0 ? ` What stays, since nothing takes it back: ${ending.lasting.join(', ')}.` : '';
      return new Problem({
        message:
          ending.step === 'access'
            ? 'After the change a new connection did not get in, and what the run had changed was put back.'
            : `${ending.step} failed, and what the run had changed was put back.`,
        host,
        step: ending.step,
        commandExit: ending.code,
        stderr: ending.stderr,
        hint: `The host serves as before.${lasting} ${log}`,
        exit: exitCode.rolledBack,
      });
    }
    case 'failed':
      return new Problem({
        message: `${ending.step} failed, and ${ending.stuck.join(', ')} could not be put back.`,
        host,
        step: ending.step,
        commandExit: ending.code,
        stderr: ending.stderr,
        hint: `Look at the host, then run again. ${log}`,
      });
  }
}
