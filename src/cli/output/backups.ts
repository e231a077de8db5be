import { sizeText } from '../../amount.ts';
import type { Event } from '../../operations/event.ts';
import { printable } from '../../printable.ts';
import { mark, paint } from './symbols.ts';
import { whenOf } from './when.ts';

/** Returns a table of a site's backups: the mark of the one that was proven last, id, time, size, release and reason. */
export function backupsText({ site, backups, proven }: Extract<Event, { readonly event: 'backups' }>): readonly string[] {
  if (backups.length === 0) return [`${paint('bold', site)}  no backup yet`];
  const rows = backups.map(({ id, at, size, release, reason }) => {
    const cells = [id, whenOf(at), (size === undefined ? '' : sizeText(size)).padStart(8), release.padEnd(12), reason];
    const word = proven?.id === id ? `, proven ${whenOf(proven.at)}` : '';
    return `  ${proven?.id === id ? mark('ok') : ' '} ${printable(cells.join('  '))}${word}`;
  });
  return [paint('bold', site), ...rows];
}
