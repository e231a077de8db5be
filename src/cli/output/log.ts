import type { LogEntry, LogLevel } from '../../logs/entry.ts';
import { printable } from '../../printable.ts';
import { paint, type Style } from './symbols.ts';
import { secondOf } from './when.ts';

const styles: Readonly<Record<LogLevel, Style>> = { error: 'red', warning: 'yellow', info: 'reset' };

/** Returns an entry of a log: its time, its source and its text, in the color of its level. Long lines stay whole, for other programs. */
export function logLines({ at, source, level, text }: LogEntry): readonly string[] {
  const head = paint('dim', at ? `${secondOf(at)} ` : '') + paint('cyan', source.padEnd(8));
  const [first = '', ...more] = printable(text).split('\n');
  return [`${head} ${paint(styles[level], first)}`, ...more.map((line) => `    ${paint(styles[level], line)}`)];
}
