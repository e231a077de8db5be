import ora from 'ora';
import { printable } from '../../printable.ts';
import { truncate } from './layout.ts';

/** Shows the current activity: on a terminal in one line that is redrawn, elsewhere in a plain line now and then. */
export interface Progress {
  /** Starts another part of the work. */
  stage(text: string): void;
  /** Shows the current activity in that part. `part` is the completed fraction, between 0 and 1. */
  show(text: string, part?: number): void;
  /** Writes permanent text without damaging the line that is redrawn. */
  around(write: () => void): void;
  stop(): void;
}

/** The seconds between two plain lines, so that a log of several minutes stays short. */
const pause = 5;

/**
 * Returns whether the line can be redrawn: on a terminal that is neither a CI's nor a dumb one. If the results go through a pipe, they may
 * reach the same screen later and overwrite the line, so it is not redrawn either.
 */
export function isLive(
  stdout: Pick<NodeJS.WriteStream, 'isTTY'>,
  stderr: Pick<NodeJS.WriteStream, 'isTTY'>,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  return Boolean(stdout.isTTY && stderr.isTTY && environment.TERM !== 'dumb' && !environment.CI);
}

export function liveProgress(stream: NodeJS.WriteStream): Progress {
  // With `discardStdin: false`, ora does not handle Ctrl-C.
  const spinner = ora({ discardStdin: false, stream, ...(stream.getColorDepth() <= 1 && { color: false as const }) });
  // A status line that wraps cannot be cleared. The sign and a space come before the text.
  const fitted = (text: string) => truncate(printable(text).replaceAll('\n', ' '), (stream.columns || 80) - 3);
  const show = (text: string, part?: number) => {
    const line = fitted(part === undefined ? text : `${bar(part)} ${text}`);
    if (spinner.isSpinning) spinner.text = line;
    else spinner.start(line);
  };
  return {
    stage: show,
    show,
    around: (write) => {
      const { isSpinning } = spinner;
      if (isSpinning) spinner.clear();
      write();
      if (isSpinning) spinner.render();
    },
    stop: () => void spinner.stop(),
  };
}

export function plainProgress(stream: Pick<NodeJS.WriteStream, 'write'>, now: () => number = () => performance.now()): Progress {
  let last = '';
  let next = now() + pause * 1000;
  const write = (line: string) => {
    if (line === last) return;
    last = line;
    next = now() + pause * 1000;
    stream.write(`${printable(line)}\n`);
  };
  return {
    stage: write,
    show: (text, part) => {
      if (now() >= next) write(part === undefined ? text : `${String(Math.round(part * 100)).padStart(3)} %  ${text}`);
    },
    around: (write) => write(),
    stop: () => {},
  };
}

function bar(part: number): string {
  const width = 16;
  const full = Math.round(Math.min(Math.max(part, 0), 1) * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.round(part * 100)).padStart(3)} %`;
}
