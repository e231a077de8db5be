import type { Event } from '../../operations/event.ts';
import { printable } from '../../printable.ts';

/** The number of names of each sort that are shown on request. */
const some = 10;

/**
 * Returns what is new in a release: `release 0123456789ab, from ba9876543210: 1 added, 2 changed, 0 removed`, followed by the first names.
 */
export function releaseLines(event: Extract<Event, { readonly event: 'sending' }>, names: boolean): readonly string[] {
  const { id, base, added, changed, removed } = event;
  const sorts = [
    ['+', added],
    ['~', changed],
    ['-', removed],
  ] as const;
  // The plan has already named the repaired files.
  if (base === id) return [];
  const sum = base
    ? `, from ${base}: ${added.length} added, ${changed.length} changed, ${removed.length} removed`
    : `: ${added.length} ${added.length === 1 ? 'file' : 'files'}`;
  const named = sorts.flatMap(([sign, paths]) => [
    ...paths.slice(0, some).map((path) => `    ${sign} ${printable(path).replaceAll('\n', '\\n')}`),
    ...(paths.length > some ? [`    ${sign} … and ${paths.length - some} more`] : []),
  ]);
  return [`release ${id}${sum}`, ...(names && base ? named : [])];
}
