import { countText } from '../../amount.ts';
import type { PastRun } from '../../operations/about-run.ts';
import { printable } from '../../printable.ts';
import { wrap } from './layout.ts';
import { mark, paint } from './symbols.ts';
import { whenOf } from './when.ts';

/** How many changes of a run are shown, unless all are asked for. */
const some = 5;

/** Returns the runs as text: when, which command, how it ended, who ran it, and the changes with their reasons. */
export function historyLines(runs: readonly PastRun[], width: number, all: boolean): readonly string[] {
  if (runs.length === 0) return ['No run is on record.'];
  return runs.flatMap((run) => [
    `${mark(run.end === 'ok' ? 'ok' : run.end === 'in progress' ? 'warn' : 'bad')} ${paint('bold', whenOf(run.startedAt))}  ${run.about?.command ?? 'a run'}, ${endOf(run)}`,
    ...wrap(printable(`    ${whoOf(run)}`), width, 4),
    ...changesOf(run, all).flatMap((line) => wrap(printable(line).replaceAll('\n', ' '), width, 8)),
  ]);
}

function endOf({ end, step, seconds }: PastRun): string {
  return printable(`${end}${step ? ` at ${step}` : ''} after ${seconds} s`);
}

function whoOf({ id, client, about }: PastRun): string {
  const who = about ? `${about.by}, as ${about.login} with version ${about.version}` : 'nobody recorded who';
  return `${who}${client ? `, from ${client}` : ''}; run ${id}`;
}

function changesOf({ about }: PastRun, all: boolean): readonly string[] {
  const changes = about?.changes ?? [];
  // With one more, the line that says so would take as much room.
  const shown = all || changes.length <= some + 1 ? changes : changes.slice(0, some);
  const left = changes.length - shown.length;
  return [
    ...shown.map(({ resource, summary, reason }) => `    ${resource}  ${summary} (${reason})`),
    ...(left > 0 ? [`    … and ${countText(left, 'more change')}; -v shows all`] : []),
  ];
}
