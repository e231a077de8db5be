import { exitCode, messageOf, Problem } from '../../error.ts';
import { codeOf } from '../../error-code.ts';
import type { Result } from '../../operations/event.ts';
import { printable } from '../../printable.ts';
import type { Options } from '../options.ts';
import type { Reporter } from './reporter.ts';

// While a configuration is read, `process.exit` is replaced.
const exit: () => never = process.exit.bind(process);

async function reporterFor(options: Options): Promise<Reporter> {
  return options.json ? (await import('./json.ts')).jsonReporter(options) : (await import('./terminal.ts')).terminalReporter(options);
}

/**
 * Runs a command under a reporter. However the command ends, even by an error or a signal, a last line is printed and the exit code is set.
 */
export async function report(options: Options, work: (reporter: Reporter, signal: AbortSignal) => Promise<Result>): Promise<void> {
  const drawn = await reporterFor(options);
  let hasRunStarted = false;
  const reporter: Reporter = {
    emit: (event) => {
      if (event.event === 'run') hasRunStarted = true;
      drawn.emit(event);
    },
    pause: drawn.pause,
    finish: (result, problem) => drawn.finish(result, hasRunStarted ? problem : problem?.withHint('Nothing was changed.')),
  };
  const interruption = new AbortController();
  const interrupt = () => {
    // A second signal does not wait for the current step.
    if (interruption.signal.aborted) insist(reporter);
    interruption.abort();
  };
  // `once` would not do, because inquirer handles the signal itself if nobody else listens.
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  // Other code may end this process too, such as a timer of a configuration.
  const crash = (error: unknown) => {
    unwatch();
    fail(reporter, asProblem(error));
    exit();
  };
  const vanish = () => fail(reporter, vanished());
  const unwatch = () => void process.off('uncaughtException', crash).off('exit', vanish);
  // A reader such as `head` has seen enough. The exit code is that of SIGPIPE in shells.
  process.stdout.once('error', (error: unknown) => {
    if (codeOf(error) !== 'EPIPE') return crash(error);
    unwatch();
    process.exitCode = 141;
    exit();
  });
  process.on('uncaughtException', crash).on('exit', vanish);
  let result: Result;
  let problem: Problem | undefined;
  try {
    result = await work(reporter, interruption.signal);
    problem = result.problem;
  } catch (error) {
    problem =
      interruption.signal.aborted && !(error instanceof Problem && error.exit === exitCode.interrupted) ? interrupted() : asProblem(error);
    result = { ok: false, changed: 0, checked: 0, exitCode: problem.exit, hosts: [] };
    if (options.debug && error instanceof Error) process.stderr.write(`${printable(error.stack ?? error.message)}\n`);
  }
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  unwatch();
  reporter.finish(result, problem);
  process.exitCode = result.exitCode;
}

/** Reports a command line that cannot be executed. */
export async function refuse(options: Options, problem: Problem): Promise<void> {
  fail(await reporterFor(options), problem);
}

function fail(reporter: Reporter, problem: Problem): void {
  reporter.finish({ ok: false, changed: 0, checked: 0, exitCode: problem.exit, hosts: [] }, problem);
  process.exitCode = problem.exit;
}

function insist(reporter: Reporter): never {
  fail(reporter, interrupted());
  exit();
}

function interrupted(): Problem {
  return new Problem({ message: 'Interrupted.', hint: 'Running again is safe.', exit: exitCode.interrupted });
}

function vanished(): Problem {
  return new Problem({
    message: 'The process ended before its work was done.',
    hint: 'Something called process.exit(), or waits for something that never happens: check the configuration. Running again is safe.',
  });
}

/** Returns an error as a Problem. An error that is not one is a bug, and the hint says so. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // Inquirer throws this if the person leaves.
  if (error instanceof Error && error.name === 'ExitPromptError') return interrupted();
  const message = messageOf(error);
  return new Problem({ message, hint: 'This should not happen; --debug shows where it did. Running again is safe.', cause: error });
}
