import type { Hop } from '../../health/check.ts';
import { printable } from '../../printable.ts';
import { wrap } from './layout.ts';
import { mark, paint } from './symbols.ts';

/** Where a hop's evidence begins: behind its sign, its name and its time. */
const margin = 20;

/** A hop of the request path: one line where it is well; what is wrong, with its log, where it is not. `width` is in columns. */
export function hopLines(hop: Hop, width: number, stream?: NodeJS.WriteStream): readonly string[] {
  const sign = mark(hop.ok ? (hop.warning ? 'warn' : 'ok') : 'bad', stream);
  const head = `${sign} ${hop.hop.padEnd(8)}${paint('dim', `${String(hop.ms).padStart(5)} ms`, stream)}  `;
  const [first = '', ...more] = wrap(`${' '.repeat(margin)}${printable(hop.detail)}`, width, margin);
  return [
    head + first.slice(margin),
    ...more,
    ...(hop.warning ? wrap(`${' '.repeat(margin)}${printable(hop.warning)}`, width, margin) : []),
    ...quoted(hop.log ?? [], width, stream),
  ];
}

/** What a host's log or a command said, set off from our own words. */
export function quoted(lines: readonly string[], width: number, stream?: NodeJS.WriteStream): readonly string[] {
  const bar = `    ${paint('dim', '│', stream)} `;
  return lines.flatMap((line) => wrap(printable(line), width - 6, 2).map((part) => bar + part));
}
