import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

const entry = join(import.meta.dirname, '../../dist/bin.mjs');

/** The reason why no terminal session is possible; undefined if it is. */
export const unbuilt = existsSync(entry) ? undefined : 'there is no dist/: npm run build';

export interface TerminalSession {
  /** Types these keys as soon as the screen shows this text. */
  answer(text: string, keys: string): Promise<void>;
  /** All lines since the start, as a person sees them, without trailing blanks. */
  screen(): readonly string[];
  /** Lines that the terminal had to break because they were wider than it is. */
  broken(): readonly string[];
  /** Sends a signal once the screen shows this text. */
  interrupt(text: string, signal: 'SIGINT' | 'SIGTERM'): Promise<void>;
  readonly ended: Promise<number>;
}

/** The built program in a real terminal. */
export function hold(args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv = {}, columns = 80): TerminalSession {
  const terminal = new xterm.Terminal({ cols: columns, rows: 30, scrollback: 1000, allowProposedApi: true });
  const { CI: _, NO_COLOR: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [entry, ...args], {
    cols: columns,
    rows: 30,
    cwd,
    name: 'xterm-256color',
    env: { ...inherited, TERM: 'xterm-256color', ...environment },
  });
  child.onData((data) => terminal.write(data));
  const ended = new Promise<number>((resolve) => child.onExit(({ exitCode }) => terminal.write('', () => resolve(exitCode))));
  const rows = () => {
    const { active } = terminal.buffer;
    return Array.from({ length: active.length }, (_row, index) => active.getLine(index)).flatMap((line) => (line ? [line] : []));
  };
  const screen = () =>
    rows()
      .map((line) => line.translateToString(true))
      .join('\n')
      .trimEnd()
      .split('\n');
  const shown = async (text: string) => {
    const deadline = Date.now() + 60_000;
    while (!screen().join('\n').includes(text)) {
      if (Date.now() > deadline) throw new Error(`the screen does not show ${JSON.stringify(text)}:\n${screen().join('\n')}`);
      await sleep(20);
    }
  };
  return {
    answer: async (text, keys) => {
      await shown(text);
      child.write(keys);
    },
    interrupt: async (text, signal) => {
      await shown(text);
      process.kill(child.pid, signal);
    },
    screen,
    broken: () =>
      rows()
        .filter((line) => line.isWrapped)
        .map((line) => line.translateToString(true)),
    ended,
  };
}
