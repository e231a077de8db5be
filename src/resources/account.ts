import { lines, sh } from '../command/command.ts';
import { defineKind, type Resource } from '../engine/resource.ts';

interface GroupAttributes {
  readonly state: 'present' | 'absent';
}

interface UserAttributes {
  readonly state: 'present' | 'absent';
  readonly group: string;
  readonly home: string;
  readonly shell: string;
}

type UserState = Omit<UserAttributes, 'state' | 'group'> & {
  readonly uid: string;
  readonly gid: string;
  readonly groups: ReadonlyMap<string, string>;
};

/** A system group. */
export function group(name: string): Resource {
  return { kind: 'group', id: checkName(name), attributes: { state: 'present' } satisfies GroupAttributes, notify: [], exclusive: true };
}

/** A system user whom nobody logs in as, unless `shell` says otherwise. Its home is not made. */
export function user(name: string, options: { readonly home: string; readonly group?: string; readonly shell?: string }): Resource {
  const attributes: UserAttributes = {
    state: 'present',
    group: options.group ?? name,
    home: options.home,
    shell: options.shell ?? '/usr/sbin/nologin',
  };
  return { kind: 'user', id: checkName(name), attributes, notify: [], exclusive: true };
}

/** Accounts and groups that each Debian has with the same number, below 100 (base-passwd), and nobody. They are the system's, whoever asks for them. */
const systems = new Set(
  [
    'root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc nobody _apt',
    'adm tty disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator src shadow utmp video sasl plugdev staff users nogroup',
  ].flatMap((names) => names.split(' ')),
);

/** As useradd(8) wants names on Debian: at most 32 characters. */
function checkName(name: string): string {
  if (systems.has(name)) throw new TypeError(`${name} is an account or a group of the system's own: choose another name`);
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name for a user or a group`);
  return name;
}

export const groupKind = defineKind<GroupAttributes, { readonly gid: string; readonly members: string }>({
  name: 'group',
  phase: 'accounts',
  // One that nobody is in gives nobody anything.
  taken: (_, { gid, members }) =>
    Number(gid) >= 100 && members === '' ? undefined : `exists, with the number ${gid} and the members: ${members || 'none'}`,
  absent: (id) => ({ kind: 'group', id: checkName(id), attributes: { state: 'absent' } satisfies GroupAttributes, notify: [] }),
  read: (resources) => sh`getent group ${resources.map(({ id }) => id)}`,
  parse: (output) =>
    new Map(
      output.split('\n').flatMap((line): [string, { gid: string; members: string }][] => {
        const [name, , gid, members = ''] = line.split(':');
        return name && gid && /^\d+$/.test(gid) ? [[name, { gid, members }]] : [];
      }),
    ),
  diff: (name, desired, current) => {
    const add = sh`getent group ${name} >/dev/null || groupadd --system ${name}`;
    const remove = sh`! getent group ${name} >/dev/null || groupdel ${name}`;
    if (desired.state === 'absent')
      return current
        ? [
            {
              action: 'remove',
              phase: 'removal',
              summary: 'remove',
              apply: remove,
              undo: sh`getent group ${name} >/dev/null || groupadd --gid ${current.gid} ${name}`,
            },
          ]
        : [];
    return current ? [] : [{ action: 'create', summary: 'create', apply: add, undo: remove }];
  },
});

export const userKind = defineKind<UserAttributes, UserState>({
  name: 'user',
  phase: 'accounts',
  // One that is as wanted is what a run of ours made whose record was lost.
  taken: ({ attributes: desired }, { uid, home, shell }) =>
    Number(uid) >= 100 && home === desired.home && shell === desired.shell
      ? undefined
      : `exists, with the number ${uid}, the home ${home} and the shell ${shell}`,
  absent: (id) => ({
    kind: 'user',
    id: checkName(id),
    attributes: { state: 'absent', group: '', home: '', shell: '' } satisfies UserAttributes,
    notify: [],
  }),
  read: (resources) =>
    lines(
      sh`getent passwd ${resources.map(({ id }) => id)}`,
      sh`getent group ${resources.map(({ attributes, id }) => attributes.group || id)}`,
    ),
  parse: (output) => {
    const rows = output.split('\n').map((line) => line.split(':'));
    const groups = new Map(rows.flatMap((row): [string, string][] => (row.length === 4 && row[0] && row[2] ? [[row[0], row[2]]] : [])));
    return new Map(
      rows.flatMap(([name, , uid = '', gid = '', , home = '', login = '', ...rest]): [string, UserState][] =>
        name && uid && gid && home && rest.length === 0 ? [[name, { uid, gid, home, shell: login, groups }]] : [],
      ),
    );
  },
  diff: (name, desired, current) => {
    const remove = sh`! getent passwd ${name} >/dev/null || userdel ${name}`;
    if (desired.state === 'absent') {
      if (!current) return [];
      const { uid, gid, home, shell } = current;
      const identity = sh`--uid ${uid} --gid ${gid} --home-dir ${home} --shell ${shell}`;
      // Debian's userdel takes the user's own group along, so the user comes back only after it.
      const undo = lines(
        sh`getent group ${gid} >/dev/null || groupadd --gid ${gid} ${name}`,
        sh`getent passwd ${name} >/dev/null || useradd --no-create-home ${identity} ${name}`,
      );
      return [{ action: 'remove', phase: 'removal', summary: 'remove', apply: sh`remove_user ${name}`, undo, ...logsIn(shell) }];
    }
    const options = sh`--home-dir ${desired.home} --shell ${desired.shell} --gid ${desired.group}`;
    if (!current) {
      const add = sh`getent passwd ${name} >/dev/null || useradd --system --no-create-home ${options} ${name}`;
      return [{ action: 'create', summary: 'create', apply: add, undo: remove }];
    }
    const wrong = [
      ...(current.home === desired.home ? [] : [`home ${current.home} -> ${desired.home}`]),
      ...(current.shell === desired.shell ? [] : [`shell ${current.shell} -> ${desired.shell}`]),
      ...(current.groups.get(desired.group) === current.gid ? [] : [`group -> ${desired.group}`]),
    ];
    if (wrong.length === 0) return [];
    // usermod refuses a new home while a process of the user's runs, and PHP's workers run all the time.
    const moved = (to: string) => (current.home === desired.home ? [] : [sh`rehome ${name} ${to}`]);
    return [
      {
        action: 'update',
        summary: wrong.join(', '),
        apply: lines(...moved(desired.home), sh`usermod --shell ${desired.shell} --gid ${desired.group} ${name}`),
        undo: lines(...moved(current.home), sh`usermod --shell ${current.shell} --gid ${current.gid} ${name}`),
        ...logsIn(current.shell),
      },
    ];
  },
});

/** Whose shell is one may be the way in. */
function logsIn(shell: string): { readonly access?: boolean } {
  return /\/(nologin|false)$/.test(shell) ? {} : { access: true };
}
