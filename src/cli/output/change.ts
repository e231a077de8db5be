import { countText } from '../../amount.ts';
import type { Action } from '../../engine/difference.ts';
import type { Change } from '../../engine/plan.ts';
import type { PlannedHandler } from '../../engine/planned-handler.ts';
import { nameOf } from '../../engine/resource-id.ts';
import { printable } from '../../printable.ts';
import { columnsOf, wrap } from './layout.ts';
import { paint, type Style } from './symbols.ts';

export type Sign = readonly [text: string, style: Style];

const signs: Readonly<Record<Action, Sign>> = {
  create: ['+', 'green'],
  update: ['~', 'yellow'],
  remove: ['-', 'red'],
  run: ['>', 'cyan'],
};

/** How many lines a diff may have before it is shortened. */
const maxDiffLines = 40;

export interface ChangeLinesOptions {
  /** How much of the diff to show; of a long one, `short` shows the beginning. */
  readonly diff: 'none' | 'short' | 'full';
  /** The width in columns. */
  readonly width: number;
}

export function signOf(action: Action): Sign {
  return signs[action];
}

/** Returns the lines of a change: its resource, what happens to it and why, then its diff. */
export function changeLines(change: Change, options: ChangeLinesOptions): readonly string[] {
  const reason = change.reason === 'new' ? '' : `  (${change.reason})`;
  return [
    ...entry(signs[change.action], `${nameOf(change.resource)}  ${change.summary}${reason}`, options.width),
    ...diffLines(change.diff, options),
  ];
}

/** Returns a text after a sign, in one line or more. If the text does not fit, what follows the resource's name starts on the next line. */
export function entry([sign, style]: Sign, text: string, width: number): readonly string[] {
  const line = `    ${printable(text)}`;
  const [first = '', ...more] = wrap(columnsOf(line) > width ? line.replace(/(?<=\S) {2}/, '\n') : line, width, 6);
  return [`  ${paint(style, sign)} ${first.slice(4)}`, ...more];
}

export function handlerLine({ summary, pending }: PlannedHandler): string {
  return `  ${paint('cyan', '↻')} ${printable(summary)}${pending ? paint('dim', '  (pending since an interrupted run)') : ''}`;
}

function diffLines(text: string | undefined, { diff, width }: ChangeLinesOptions): readonly string[] {
  const lines = diff === 'none' ? [] : (text?.split('\n') ?? []);
  const shown =
    diff === 'full' || lines.length <= maxDiffLines
      ? lines
      : [...lines.slice(0, maxDiffLines), `… ${countText(lines.length - maxDiffLines, 'more line')}; -vv shows all`];
  return shown.flatMap((line) => wrap(`      ${printable(line)}`, width, 10).map((part) => paint(styleOf(line), part)));
}

function styleOf(line: string): Style {
  if (line.startsWith('+')) return 'green';
  if (line.startsWith('-')) return 'red';
  return line.startsWith('@') || line.startsWith('…') ? 'dim' : 'reset';
}
