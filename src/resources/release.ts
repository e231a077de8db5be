import { sh } from '../command/command.ts';
import { defineKind, type Handler, type Resource } from '../engine/resource.ts';
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
            undo: sh`rm -rf -- ${path}`,
          },
        ],
});

interface LiveAttributes {
  readonly state: 'present' | 'absent';
  readonly release: string;
  /** How many releases stay on the host. */
  readonly keep: number;
}

/** The link that makes a release the live one. It is switched by a rename, so every request sees one release or the other. */
export function live(path: string, options: Omit<LiveAttributes, 'state'> & { readonly notify?: readonly Handler[] }): Resource {
  const { notify = [], ...attributes } = options;
  return { kind: 'live', id: checkPath(path), attributes: { state: 'present', ...attributes } satisfies LiveAttributes, notify };
}

export const liveKind = defineKind<LiveAttributes, string>({
  name: 'live',
  phase: 'state',
  absent: (id) => ({
    kind: 'live',
    id: checkPath(id),
    attributes: { state: 'absent', release: '', keep: 0 } satisfies LiveAttributes,
    notify: [],
  }),
  read: (resources) => sh`find ${resources.map(({ id }) => id)} -maxdepth 0 -printf '%l\t%p\n' 2>/dev/null`,
  parse: (output) =>
    new Map(
      output
        .split('\n')
        .flatMap((line): [string, string][] =>
          line.includes('\t') ? [[line.slice(line.indexOf('\t') + 1), line.slice(0, line.indexOf('\t'))]] : [],
        ),
    ),
  diff: (path, desired, current) => {
    const to = `releases/${desired.release}`;
    if (desired.state === 'absent')
      return current
        ? [{ action: 'remove', summary: 'no release is live', apply: sh`rm -f -- ${path}`, undo: sh`switch_release ${path} ${current} 0` }]
        : [];
    if (current === to) return [];
    return [
      {
        action: current === undefined ? 'create' : 'update',
        summary: current === undefined ? desired.release : `${current.replace(/^releases\//, '') || 'no link'} -> ${desired.release}`,
        apply: sh`switch_release ${path} ${to} ${desired.keep}`,
        undo: current ? sh`switch_release ${path} ${current} 0` : sh`rm -f -- ${path}`,
      },
    ];
  },
});

interface MigrationsAttributes {
  readonly database: string;
  readonly user: string;
  readonly secret: string;
  /** Where the files are on the host. */
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly digest: string }[];
}

/** The schema migrations of a database: each file once, in the order of the names, with the application's own rights. */
export function migrations(database: string, options: Omit<MigrationsAttributes, 'database'>): Resource {
  return { kind: 'migrations', id: database, attributes: { database, ...options } satisfies MigrationsAttributes, notify: [] };
}

export const migrationsKind = defineKind<MigrationsAttributes, ReadonlySet<string>>({
  name: 'migrations',
  phase: 'state',
  read: (resources) =>
    sh`for database in ${resources.map(({ id }) => id)}; do printf 'database\t%s\n' "$database"; printf 'SELECT name FROM foobar_migrations ORDER BY name;' | sql "$database" 2>/dev/null || [ ! -d "/var/lib/mysql/$database" ] || [ -S /run/mysqld/mysqld.sock ] || printf 'down\t\n'; done`,
  parse: (output) => {
    const parts = output.split(/^database\t/m).slice(1);
    return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), new Set(part.split('\n').slice(1).filter(Boolean))]));
  },
  diff: (_, desired, current) => {
    const unsure = current?.has('down\t') ? { unsure: true } : {};
    return desired.files
      .filter(({ name }) => !current?.has(name))
      .map(({ name }) => ({
        action: 'run',
        summary: `apply ${name}`,
        apply: sh`migrate ${desired.database} ${desired.user} ${desired.secret} ${name} ${`${desired.folder}/${name}`}`,
        ...unsure,
      }));
  },
});
