import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { bundledFunction } from '../bundled/files.ts';
import { quote } from '../command/command.ts';
import { reveal } from '../command/secret.ts';
import { Problem } from '../error.ts';
import { stateFolder } from '../host-paths.ts';
import type { Output, Transport } from '../transport/transport.ts';
import { effectsOf } from './effect.ts';
import type { EngineEmit } from './event.ts';
import { JournalReader, type Prove } from './journal.ts';
import type { Ending } from './outcome.ts';
import type { Plan } from './plan.ts';
import { type StepSummary, stepsOf } from './steps.ts';

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

/** Its input is a line of words, the run's name, how many bytes its compressed script has, and each secret's name and bytes, and then those bytes in that order. */
const launcherText = `
umask 077
read -r id length supplies || exit
RUN=${stateFolder}/runs/$id
mkdir -p "$RUN/secrets" || exit
give_up() { rc=$?; rm -rf "$RUN"; exit "$rc"; }
# What was cut short on its way is not started, and does not stay.
take() { head -c "$2" >"$1" && [ "$(wc -c <"$1")" -eq "$2" ] || give_up; }
take "$RUN/script.gz" "$length"
gzip -d "$RUN/script.gz" || give_up
set -- $supplies
while [ $# -gt 0 ]; do
  take "$RUN/secrets/$1" "$2"
  shift 2
done
${bundledFunction('run/lock.sh', 'reserve')}
true >"$RUN/journal" && reserve "$RUN/journal" || give_up
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
  emit: EngineEmit,
  prove: Prove = async () => {},
  launcher = standBy(transport),
): Promise<Ending> {
  const supplies = plan.changes.flatMap((change) =>
    effectsOf(change, 'supplies').map(({ name, value }) => ({ name, value: Buffer.from(reveal(value)) })),
  );
  const text = gzipSync(script);
  const words = [id, text.length, ...supplies.flatMap(({ name, value }) => [name, value.length])];
  const input = Buffer.concat([Buffer.from(`${words.join(' ')}\n`), text, ...supplies.map(({ value }) => value)]);
  return journal(transport.host, stepsOf(plan), emit, prove, (onLine) => launcher.launch(input, onLine));
}

/** Follows a run that someone else has started. Its steps are known by their names alone. */
export async function follow(transport: Transport, id: string, emit: EngineEmit): Promise<Ending> {
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
  const reader = new JournalReader(
    transport.host,
    stepsOf(plan),
    () => {},
    async () => {},
  );
  const { stdout } = await transport.script(`cd ${stateFolder}/runs/${id} && cat journal
if [ -e armed ] || systemctl is-active --quiet ${runUnit(id)}; then echo going; fi`);
  const lines = stdout.split('\n');
  for (const line of lines) reader.read(line);
  return { ending: reader.ending, goesOn: reader.ending.kind === 'cut' && lines.includes('going') };
}

/** The unit that a run is on the host; by this name a look at the host finds it. */
export function runUnit(id: string): string {
  return `foobar-provision-run-${id}.service`;
}

/** Follows the run of this name, a shell's word. */
function followText(id: string): string {
  // Where the kernel tells of no writes to a file (an overlay), it is looked at every so many seconds.
  return `journal=${stateFolder}/runs/${id}/journal
pid=$(systemctl show --property=MainPID --value ${runUnit(id)})
# What has ended already has no process; and 0 would be one that never ends.
case $pid in '' | 0) cat "$journal" ;; *) tail -n +1 -s 0.01 --pid="$pid" -f "$journal" ;; esac`;
}

async function journal(
  host: string,
  steps: readonly StepSummary[],
  emit: EngineEmit,
  prove: Prove,
  read: (onLine: (line: string) => void) => Promise<Output>,
): Promise<Ending> {
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
  return reader.ending;
}
