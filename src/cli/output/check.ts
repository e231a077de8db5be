import type { Examined } from '../../operations/event.ts';
import { printable } from '../../printable.ts';
import { wrap } from './layout.ts';
import { mark } from './symbols.ts';

/** The column of the evidence, after the sign and the name. */
const margin = 16;

/** Returns the lines of a finding of `doctor`, followed by its hint. `width` is in columns. */
export function checkLines({ name, state, detail, hint }: Examined, width: number, stream?: NodeJS.WriteStream): readonly string[] {
  const sign = mark(state === 'ok' ? 'ok' : state === 'warning' ? 'warn' : 'bad', stream);
  const [first = '', ...more] = wrap(`${' '.repeat(margin)}${printable(detail)}`, width, margin);
  return [
    `${sign} ${name.padEnd(margin - 2)}${first.slice(margin)}`,
    ...more,
    ...(hint ? wrap(`${' '.repeat(margin)}${printable(hint)}`, width, margin) : []),
  ];
}
