import type { Problem } from '../../error.ts';
import { printable } from '../../printable.ts';
import { quoted } from './hop.ts';
import { wrap } from './layout.ts';
import { mark, paint } from './symbols.ts';

/** Returns a failure as text: what failed, where, what the host printed, and what to do now. `width` is in columns. */
export function problemText({ message, details }: Problem, width: number, stream: NodeJS.WriteStream = process.stderr): string {
  const { host, step, command, commandExit, stderr, hint } = details;
  const facts = [
    ...(host && !message.includes(host) ? [`host     ${host}`] : []),
    ...(step && !message.includes(step) ? [`step     ${step}`] : []),
    ...(command ? [`command  ${command}`] : []),
    ...(commandExit === undefined ? [] : [`exit     ${commandExit}`]),
  ];
  const [first = '', ...more] = wrap(`  ${printable(message)}`, width, 2);
  return [
    `${mark('bad', stream)} ${first.slice(2)}`,
    ...more,
    ...facts.flatMap((fact) => wrap(printable(`  ${fact}`), width, 11)).map((line) => paint('dim', line, stream)),
    ...(stderr ? quoted(stderr.split('\n'), width, stream) : []),
    ...(hint ? wrap(`  ${printable(hint)}`, width, 2) : []),
  ].join('\n');
}
