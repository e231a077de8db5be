import { stripVTControlCharacters as plain } from 'node:util';
import { spawn } from '@lydell/node-pty';
import { entry } from './cli.ts';

export interface Talk {
  /** All that was on the screen, control sequences taken out. */
  readonly screen: string;
  readonly code: number;
}

/** Runs the program at a terminal and types each answer once its question is on the screen. */
export function talk(
  words: readonly string[],
  answers: readonly (readonly [question: RegExp, answer: string])[],
  { cwd = '/', columns = 200 }: { readonly cwd?: string; readonly columns?: number } = {},
): Promise<Talk> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'CI' && name !== 'SSH_AUTH_SOCK'));
  const terminal = spawn(process.execPath, [entry, ...words], { name: 'xterm-256color', cols: columns, rows: 50, cwd, env });
  const left = [...answers];
  let raw = '';
  let asked = 0;
  terminal.onData((data) => {
    raw += data;
    const [next] = left;
    if (next === undefined || !next[0].test(plain(raw.slice(asked)))) return;
    left.shift();
    asked = raw.length;
    terminal.write(`${next[1]}\r`);
  });
  return new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve({ screen: plain(raw), code: exitCode })));
}
