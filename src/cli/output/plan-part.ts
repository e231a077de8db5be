import { countText } from '../../amount.ts';
import type { Action } from '../../engine/difference.ts';
import type { Change } from '../../engine/plan.ts';
import { printable } from '../../printable.ts';

/** What the resources of a kind are called, if that is not the kind's own name. */
const nouns: Readonly<Record<string, string>> = {
  directory: 'folder',
  symlink: 'link',
  live: 'switch',
  migrations: 'migration',
  'mysql-database': 'database',
  'mysql-user': 'database user',
  'mysql-time-zones': 'set of time zones',
  nftables: 'firewall table',
  'apt-repository': 'package source',
  'self-signed': 'temporary certificate',
  'shared-folder': 'shared folder',
};

/** The plurals that do not only end in an s. */
const plurals: Readonly<Record<string, string>> = { switch: 'switches', 'set of time zones': 'sets of time zones' };

/** Up to this many packages are named; if there are more, only their number is shown. */
const fewPackages = 3;

const verbs: Readonly<Record<Exclude<Action, 'create'>, string>> = { update: 'change ', remove: 'remove ', run: 'run ' };

/** Returns the changes of a part of the plan in words: `install nginx, 5 folders, 8 files, 1 service; change 2 files`. */
export function partText(changes: readonly Change[]): string {
  const created = changes.filter(({ action }) => action === 'create');
  const others = (['update', 'remove', 'run'] as const).map((action) => ({
    verb: verbs[action],
    counted: countedKinds(changes.filter((change) => change.action === action)),
  }));
  return [
    [...packagesText(created), ...countedKinds(created.filter(({ resource }) => resource.kind !== 'package'))].join(', '),
    ...others.map(({ verb, counted }) => (counted.length > 0 ? verb + counted.join(', ') : '')),
  ]
    .filter(Boolean)
    .join('; ');
}

function packagesText(created: readonly Change[]): readonly string[] {
  const names = created.filter(({ resource }) => resource.kind === 'package').map(({ resource }) => printable(resource.id));
  if (names.length === 0) return [];
  return names.length <= fewPackages ? [`install ${names.join(', ')}`] : [`install ${countText(names.length, 'package')}`];
}

/** Returns the number of changes of each kind, in the order of the plan. */
function countedKinds(changes: readonly Change[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { resource } of changes) counts.set(resource.kind, (counts.get(resource.kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => {
    const noun = nouns[kind] ?? printable(kind);
    const plural = plurals[noun];
    return count > 1 && plural ? `${count} ${plural}` : countText(count, noun);
  });
}
