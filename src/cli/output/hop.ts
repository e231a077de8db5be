import type { Hop } from '../../health/check.ts';
import { printable } from '../../printable.ts';
import { wrap } from './layout.ts';
import { mark, paint } from './symbols.ts';

/** The column of a hop's evidence, after its sign, its name and its time. */
const margin = 20;

/** Returns the lines of a hop: one if it is ok, otherwise also what is wrong and its log. `width` is in columns. */
export function hopLines(hop: Hop, width: number, stream?: NodeJS.WriteStream): readonly string[] {
  const sign = mark(hop.ok ? (hop.warning ? 'warn' : 'ok') : 'bad', stream);
  const head = `${sign} ${hop.hop.padEnd(8)}${paint('dim', `${String(hop.ms).padStart(5)} ms`, stream)}  `;
  const [first = '', ...more] = wrap(`${' '.repeat(margin)}${printable(detailOf(hop))}`, width, margin);
  return [
    head + first.slice(margin),
    ...more,
    ...(hop.warning ? wrap(`${' '.repeat(margin)}${printable(hop.warning)}`, width, margin) : []),
    ...quoted(hop.log ?? [], width, stream),
  ];
}

/** Returns the evidence, after the domain of the only one of several sites that it is about. */
function detailOf({ site, detail }: Hop): string {
  return site === undefined || detail.includes(site) ? detail : `${site}: ${detail}`;
}

/** Returns the output of a log or a command, marked as a quotation. */
export function quoted(lines: readonly string[], width: number, stream?: NodeJS.WriteStream): readonly string[] {
  const bar = `    ${paint('dim', '│', stream)} `;
  return lines.flatMap((line) => wrap(printable(line), width - 6, 2).map((part) => bar + part));
}
