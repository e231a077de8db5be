import { type Command, lines, sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';
import type { Effect } from '../engine/effect.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { type Numbered, type Numbers, numberChange, numbersIn, readNumbers } from './numbers.ts';
import { accounts } from './shell.ts';

interface GroupAttributes {
  readonly state: 'present' | 'absent';
  /** The folders in which every file with the account's number belongs to it. */
  readonly trees: readonly string[];
}

interface UserAttributes extends GroupAttributes {
  readonly group: string;
  readonly home: string;
  readonly shell: string;
}

interface GroupState extends Numbers {
  readonly group?: { readonly gid: string; readonly members: string };
}

interface UserState extends Numbers {
  readonly user?: { readonly uid: string; readonly gid: string; readonly home: string; readonly shell: string };
  /** The number of each group, by name. */
  readonly groups: ReadonlyMap<string, string>;
}

/**
 * Describes a system group. Files with its number in the folders of `trees` still belong to it if it is created again with another number.
 */
export function group(name: string, { trees = [] }: { readonly trees?: readonly string[] } = {}): Resource {
  return groupKind.resource(name, { state: 'present', trees }, { exclusive: true });
}

/**
 * Describes a system user that nobody logs in as, unless `shell` says otherwise. Its home folder is not created. `trees` is the same as for
 * a group.
 */
export function user(
  name: string,
  options: { readonly home: string; readonly group?: string; readonly shell?: string; readonly trees?: readonly string[] },
): Resource {
  const attributes: UserAttributes = {
    state: 'present',
    group: options.group ?? name,
    home: options.home,
    shell: options.shell ?? '/usr/sbin/nologin',
    trees: options.trees ?? [],
  };
  return userKind.resource(name, attributes, { exclusive: true });
}

/** The accounts and groups that every Debian system has (base-passwd, apt). */
const systems = new Set(
  [
    'root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc nobody _apt',
    'adm tty disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator src shadow utmp video sasl plugdev staff users nogroup',
  ].flatMap((names) => names.split(' ')),
);

/** Checks that useradd(8) on Debian accepts the name: at most 32 characters. */
function checkName(name: string): string {
  if (systems.has(name)) throw new TypeError(`${name} is a system account or group: choose another name`);
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a valid name for a user or a group`);
  return name;
}

export const groupKind = defineKind<GroupAttributes, GroupState>({
  name: 'group',
  phase: 'accounts',
  check: checkName,
  shell: { run: [accounts] },
  // A group without members gives nobody any rights.
  conflict: (_, { group: found, recorded }) =>
    !found || found.gid === recorded || (Number(found.gid) >= 100 && found.members === '')
      ? undefined
      : `exists, with the number ${found.gid} and the members: ${found.members || 'none'}`,
  absent: () => ({ state: 'absent', trees: [] }),
  read: (resources) => lines(sh`getent group ${resources.map(({ id }) => id)}`, ...readNumbers('group', resources)),
  parse: (output) => {
    const numbers = numbersIn(output);
    const groups = rowsOf(output).flatMap(([name, , gid, members = '', ...rest]): [string, GroupState][] =>
      name && gid && /^\d+$/.test(gid) && rest.length === 0 ? [[name, { group: { gid, members }, ...numbers.of(name) }]] : [],
    );
    return new Map([...numbers.all, ...groups]);
  },
  diff: (name, desired, current) => {
    const found = current?.group;
    const number = { sort: 'group', name, trees: desired.trees, ...current } as const;
    if (desired.state === 'absent') {
      if (!current) return [];
      const again = found ? sh`getent group ${name} >/dev/null || groupadd --gid ${found.gid} ${name}` : sh`:`;
      return [removal(sh`! getent group ${name} >/dev/null || groupdel ${name}`, again, 'group', name, current)];
    }
    if (!found) return [creation(sh`create_account group ${name}`, number)];
    const change = numberChange(number, found.gid);
    return change ? [{ action: 'update', summary: change.summary, step: { kind: 'plain', apply: change.apply }, undo: sh`:` }] : [];
  },
});

export const userKind = defineKind<UserAttributes, UserState>({
  name: 'user',
  phase: 'accounts',
  check: checkName,
  shell: { run: [accounts] },
  // A user in the desired state was created by a run whose record was lost.
  conflict: ({ attributes: desired }, { user: found, recorded }) =>
    !found || found.uid === recorded || (Number(found.uid) >= 100 && found.home === desired.home && found.shell === desired.shell)
      ? undefined
      : `exists, with the number ${found.uid}, the home ${found.home} and the shell ${found.shell}`,
  absent: () => ({ state: 'absent', group: '', home: '', shell: '', trees: [] }),
  read: (resources) =>
    lines(
      sh`getent passwd ${resources.map(({ id }) => id)}`,
      sh`getent group ${resources.map(({ attributes, id }) => attributes.group || id)}`,
      ...readNumbers('user', resources),
    ),
  parse: (output) => {
    const rows = rowsOf(output);
    const numbers = numbersIn(output);
    const groups = new Map(rows.flatMap((row): [string, string][] => (row.length === 4 && row[0] && row[2] ? [[row[0], row[2]]] : [])));
    const users = rows.flatMap(([name, , uid = '', gid = '', , home = '', login = '', ...rest]): [string, UserState][] =>
      name && uid && gid && home && rest.length === 0
        ? [[name, { user: { uid, gid, home, shell: login }, groups, ...numbers.of(name) }]]
        : [],
    );
    return new Map([...[...numbers.all].map(([name, known]): [string, UserState] => [name, { ...known, groups }]), ...users]);
  },
  diff: (name, desired, current) => {
    const found = current?.user;
    const number = { sort: 'user', name, trees: desired.trees, ...current } as const;
    if (desired.state === 'absent') {
      if (!current) return [];
      if (!found) return [removal(sh`:`, sh`:`, 'user', name, current)];
      const { uid, gid, home, shell } = found;
      const identity = sh`--uid ${uid} --gid ${gid} --home-dir ${home} --shell ${shell}`;
      // Debian's userdel also removes the user's own group, so the user is created again only after the group.
      const again = lines(
        sh`getent group ${gid} >/dev/null || groupadd --gid ${gid} ${name}`,
        sh`getent passwd ${name} >/dev/null || useradd --no-create-home ${identity} ${name}`,
      );
      return [{ ...removal(sh`remove_user ${name}`, again, 'user', name, current), effects: effectsOfLogin(shell) }];
    }
    if (!found)
      return [
        creation(
          sh`create_account user ${name} --no-create-home --home-dir ${desired.home} --shell ${desired.shell} --gid ${desired.group}`,
          number,
        ),
      ];
    const wrong = [
      ...(found.home === desired.home ? [] : [`home ${found.home} -> ${desired.home}`]),
      ...(found.shell === desired.shell ? [] : [`shell ${found.shell} -> ${desired.shell}`]),
      ...(current.groups.get(desired.group) === found.gid ? [] : [`group -> ${desired.group}`]),
    ];
    const change = numberChange(number, found.uid);
    if (wrong.length === 0 && !change) return [];
    // usermod refuses a new home while a process of the user runs, and PHP's workers run all the time.
    const moved = (to: string) => (found.home === desired.home ? [] : [sh`change_home ${name} ${to}`]);
    const as = ({ home, shell }: { readonly home: string; readonly shell: string }, gid: string) =>
      wrong.length === 0 ? [] : [...moved(home), sh`usermod --shell ${shell} --gid ${gid} ${name}`];
    return [
      {
        action: 'update',
        summary: [...wrong, ...(change ? [change.summary] : [])].join(', '),
        step: { kind: 'plain', apply: lines(...as(desired, desired.group), ...(change ? [change.apply] : [])) },
        undo: lines(sh`:`, ...as(found, found.gid)),
        effects: effectsOfLogin(found.shell),
      },
    ];
  },
});

function creation(make: Command, number: Numbered): Difference {
  const { sort, name, trees, recorded } = number;
  // The new account takes over the files that a former account of this name has left.
  const numbers = sh`"$(stray_numbers ${[sort, name, ...trees]})"`;
  return {
    action: 'create',
    summary: recorded === undefined ? 'create' : `create, with its former number ${recorded} if that is free`,
    step: {
      kind: 'plain',
      apply: lines(make, ...(trees.length === 0 ? [] : [sh`reassign_old_files ${sort} ${name} ${numbers} ${trees}`])),
    },
    undo: sh`undo_create_account ${[sort, name, ...trees]}`,
  };
}

/** Returns the removal of an account, together with the record of its number. Undoing it restores both. */
function removal(remove: Command, again: Command, sort: Numbered['sort'], name: string, { recorded }: Numbers): Difference {
  return {
    action: 'remove',
    phase: 'removal',
    summary: 'remove',
    step: { kind: 'plain', apply: lines(remove, sh`forget_number ${sort} ${name}`) },
    undo: lines(again, ...(recorded === undefined ? [] : [sh`record_number ${sort} ${name} ${recorded}`])),
  };
}

function rowsOf(output: string): readonly (readonly string[])[] {
  return output.split('\n').map((line) => line.split(':'));
}

/** Returns the effects of a change to a login. A user who can log in may be the user of the SSH session. */
function effectsOfLogin(shell: string): readonly Effect[] {
  return /\/(nologin|false)$/.test(shell) ? [] : [{ kind: 'may-lock-out' }];
}
