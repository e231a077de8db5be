import ora from 'ora';
import { printable } from '../../printable.ts';
import { truncate } from './layout.ts';

/** Says what is going on while it goes on: one line that moves on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  /** Another part of the work begins. */
  stage(text: string): void;
  /** What is under way in it; `part` is how much of it is done, between 0 and 1. */
  show(text: string, part?: number): void;
  /** Writes lasting text without tearing the moving line apart. */
  around(write: () => void): void;
  stop(): void;
}

/** Seconds between two plain lines. A log of a run of minutes stays short, and still moves. */
const pause = 5;

/**
 * The line moves only where it can be redrawn: on a terminal that is none of a CI's, and not a dumb one. Results that go through
 * a pipe come to the same screen later, over the line; so they stop it too.
 */
export function isLive(
  stdout: Pick<NodeJS.WriteStream, 'isTTY'>,
  stderr: Pick<NodeJS.WriteStream, 'isTTY'>,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  return Boolean(stdout.isTTY && stderr.isTTY && environment.TERM !== 'dumb' && !environment.CI);
}

export function liveProgress(stream: NodeJS.WriteStream): Progress {
  // Ctrl-C stays ours: without discardStdin: false, ora takes it.
  const spinner = ora({ discardStdin: false, stream, ...(stream.getColorDepth() <= 1 && { color: false as const }) });
  // A status line that wraps cannot be cleared; its sign and a space come before the text.
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
