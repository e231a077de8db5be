import type { Event } from '../../operations/event.ts';
import { printable } from '../../printable.ts';
import { previousOf, type Release } from '../../release/inventory.ts';
import { columnsOf } from './layout.ts';
import { mark, paint } from './symbols.ts';
import { whenOf } from './when.ts';

/** Returns a table of a site's releases: the mark of the live one, id, time, size, source, the account that made it, and a remark. */
export function releasesText({ site, releases }: Extract<Event, { readonly event: 'releases' }>): readonly string[] {
  if (releases.length === 0) return [`${paint('bold', site)}  no release yet`];
  const before = previousOf(releases);
  const rows = releases.map((release) => [release.id, whenOf(release.at), ...aboutOf(release), wordOf(release, before)]);
  const widths = rows.reduce<readonly number[]>((all, row) => row.map((cell, index) => Math.max(all[index] ?? 0, columnsOf(cell))), []);
  return [
    paint('bold', site),
    ...rows.map((row, index) => {
      const cells = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - columnsOf(cell)));
      return `  ${signOf(releases[index])} ${cells.join('  ').trimEnd()}`;
    }),
  ];
}

function signOf(release: Release | undefined): string {
  return release?.live ? mark('ok') : release?.failed ? mark('bad') : ' ';
}

function aboutOf({ facts }: Release): readonly string[] {
  if (!facts) return ['', '', ''];
  const { size, source, ref, commit, by } = facts;
  const from = commit ? `${commit.slice(0, 10)} (${ref === 'HEAD' ? '' : `${ref} of `}${source})` : source;
  return [`${(size / 1e6).toFixed(1)} MB`, printable(from).replaceAll('\n', ' '), printable(by).replaceAll('\n', ' ')];
}

function wordOf(release: Release, before: Release | undefined): string {
  if (release.live) return release.snapshot ? 'live; `rollback --data` restores the database as it was before it' : 'live';
  if (release.failed) return 'failed its health check and never went live; kept for inspection';
  return release === before ? 'previous: rollback goes back to it' : '';
}
