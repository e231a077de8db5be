import type { Examined } from '../../operations/event.ts';
import { printable } from '../../printable.ts';
import { wrap } from './layout.ts';
import { mark } from './symbols.ts';

/** Where the evidence begins: behind the sign and the name. */
const margin = 16;

/** What `doctor` found out about one thing, and below it what to do. `width` is in columns. */
export function checkLines({ name, state, detail, hint }: Examined, width: number, stream?: NodeJS.WriteStream): readonly string[] {
  const sign = mark(state === 'ok' ? 'ok' : state === 'warning' ? 'warn' : 'bad', stream);
  const [first = '', ...more] = wrap(`${' '.repeat(margin)}${printable(detail)}`, width, margin);
  return [
    `${sign} ${name.padEnd(margin - 2)}${first.slice(margin)}`,
    ...more,
    ...(hint ? wrap(`${' '.repeat(margin)}${printable(hint)}`, width, margin) : []),
  ];
}
