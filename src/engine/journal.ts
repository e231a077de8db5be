import type { EngineEmit } from './event.ts';
import { type FailedSite, type Failure, type RunOutcome, type WithheldAccess, withheldReasons } from './outcome.ts';
import type { StepSummary } from './steps.ts';

/** Logs in over a new connection within the given number of seconds, and reports the result to the run. It never rejects. */
export type Prove = (seconds: number) => Promise<void>;

/** Turns the journal's lines into events. The words of the lines are defined in files/run/. */
export class JournalReader {
  begun = false;
  outcome: RunOutcome = { kind: 'interrupted' };
  #failed = { step: '', code: 0 };
  #withheld: WithheldAccess | undefined;
  #errors: string[] = [];
  #stuck: string[] = [];
  readonly #made = new Set<number>();
  readonly #sites: FailedSite[] = [];

  constructor(
    readonly host: string,
    readonly steps: readonly StepSummary[],
    readonly emit: EngineEmit,
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
        else this.emit({ event: 'stage', host: this.host, text: two || one });
        break;
      case 'ok':
        this.#made.add(Number(one));
        if (step) this.emit({ event: 'done', host: this.host, step });
        break;
      case 'check':
        this.emit({ event: 'stage', host: this.host, text: one });
        break;
      case 'progress':
        this.emit({ event: 'progress', host: this.host, text: one });
        break;
      case 'prove':
        this.emit({ event: 'stage', host: this.host, text: 'testing a new SSH login' });
        void this.prove(Number(one));
        break;
      case 'held':
        this.#withheld = { kind: withheldReason(one), text: two, ...(this.#errors.length > 0 && { stderr: this.#errors.join('\n') }) };
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
      case 'site':
        this.#sites.push({ site: one, ...this.#failure((part) => part === one) });
        this.emit({
          event: 'site',
          host: this.host,
          site: one,
          step: this.#failed.step,
          state: two === 'rolled-back' ? 'rolled back' : 'stuck',
        });
        // What follows is about something else.
        this.#errors = [];
        this.#stuck = [];
        break;
      case 'end':
        this.#end(one, two);
        break;
    }
  }

  #step(number: string): StepSummary | undefined {
    return /^\d+$/.test(number) ? this.steps[Number(number) - 1] : undefined;
  }

  #packages(line: string): void {
    const [kind, name = '', percent = '', text = ''] = line.split(':');
    const what = kind === 'dlstatus' ? 'fetching packages' : text || name;
    // Fetching is a tenth of a transaction's time, installing the rest.
    const part = kind === 'dlstatus' ? Number(percent) / 1000 : 0.1 + Number(percent) / 111.2;
    this.emit({ event: 'progress', host: this.host, part: Math.min(part, 1), text: what });
  }

  #end(how: string, detail: string): void {
    if (how === 'ok' || how === 'partial')
      this.outcome = {
        kind: 'ok',
        ...(this.#withheld && { withheld: this.#withheld }),
        ...(this.#sites.length > 0 && { failed: this.#sites }),
      };
    else if (how === 'unguarded' || how === 'stopped' || how === 'stale' || how === 'reverted') this.outcome = { kind: how };
    else if (how === 'busy') this.outcome = { kind: 'busy', holder: detail };
    else this.outcome = { kind: how === 'rolled-back' ? 'rolled-back' : 'failed', ...this.#failure(() => true) };
  }

  /** Returns what the journal says about the last failure. Steps of other parts are not rolled back. */
  #failure(isRolledBack: (part: string | undefined) => boolean): Failure {
    const lasting = this.steps.filter((step) => step.lasting && this.#made.has(step.number) && isRolledBack(step.part));
    return { ...this.#failed, stderr: this.#errors.join('\n'), stuck: this.#stuck, lasting: lasting.map(({ name }) => name) };
  }
}

function withheldReason(word: string): WithheldAccess['kind'] {
  return withheldReasons.find((kind) => kind === word) ?? 'unproven';
}
