import { sh } from '../command/command.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { checkPath } from './path.ts';

interface ReleaseAttributes {
  readonly state: 'present' | 'absent';
  /** What was sent, and lies in the host's folder of arrivals under this name until the run takes it. */
  readonly digest: string;
  /** The folder of what outlives releases, and the paths that are linked into it. */
  readonly shared: string;
  readonly links: readonly string[];
  /** Who owns what is shared. */
  readonly user: string;
}

/**
 * One release of the application at this path: the files that were sent, owned by root, with what is shared linked in.
 * It is filled beside its place and renamed into it, so a folder of this name is always whole.
 */
export function release(path: string, options: Omit<ReleaseAttributes, 'state'>): Resource {
  for (const link of options.links) checkPath(`/${link}`);
  const nested = options.links.find((link) => options.links.some((other) => link.startsWith(`${other}/`)));
  if (nested) throw new TypeError(`${nested} lies in another folder that is shared`);
  return { kind: 'release', id: checkPath(path), attributes: { state: 'present', ...options } satisfies ReleaseAttributes, notify: [] };
}

export const releaseKind = defineKind<ReleaseAttributes, true>({
  name: 'release',
  phase: 'state',
  // No `absent`: an older release is the way back, and is pruned by number.
  read: (resources) => sh`for path in ${resources.map(({ id }) => id)}; do [ ! -d "$path" ] || printf '%s\n' "$path"; done`,
  parse: (output) => new Map(output.split('\n').map((path) => [path, true])),
  diff: (path, desired, current) =>
    current
      ? []
      : [
          {
            action: 'create',
            summary: 'fill with the files that were sent',
            apply: sh`fill_release ${path} ${desired.digest} ${desired.shared} ${desired.user} ${desired.links}`,
            undo: sh`set_release_aside ${path}`,
          },
        ],
});
