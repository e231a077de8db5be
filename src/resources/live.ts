import { type Command, lines, sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';
import { type Handler, recordOf } from '../engine/handler.ts';
import type { Manifest } from '../engine/manifest.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { nameOf, parseName, type ResourceId } from '../engine/resource-id.ts';
import { changes } from '../engine/run-libraries.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { runtimeNames } from '../runtimes/index.ts';
import { checkPath } from './path.ts';
import { asUser, confined } from './shell.ts';
import { releaseSnapshots, type SnapshotOptions, snapshotWords } from './snapshot.ts';

const rules = bundledLibrary('run/rules.sh', changes, bundledLibrary('web/reload.sh'));

/** The server that answers a release's requests, and how it is checked before visitors reach it. */
export interface Answering {
  /** The path of its Unix socket. */
  readonly socket: string;
  readonly protocol: 'fastcgi' | 'http';
  readonly scheme: 'http' | 'https';
  /** The `Host` header of the check. */
  readonly host: string;
  /** The folder below the release that is served; `.` for the whole release. */
  readonly docroot: string;
  /** The seconds within which a request ends. By default 65. */
  readonly seconds?: number;
  /** The file where the application writes its errors, which are shown if the check fails. The application can write to its folder. */
  readonly errors?: string;
  /** Other files where the application may log its errors. In a name, `*` matches anything. */
  readonly logs?: readonly string[];
  /**
   * The paths that are requested. None may result in an error, an empty response or a timeout. A prefix names other healthy results:
   * `empty:/`, `empty,401:/`.
   */
  readonly paths: readonly string[];
}

/** The application's own commands before and after a switch. They run in the new release as its user with its environment. */
export interface Hooks {
  readonly user: string;
  /** The path of its environment file, in systemd's format. */
  readonly environment: string;
  /** The properties of the systemd unit of each command, which restrict what it can see and do on the host. */
  readonly sandbox?: readonly string[];
  readonly before: readonly string[];
  /** The command of `before` that applies migrations, where these are in the release, and the snapshot that is kept before. */
  readonly migrate?: { readonly command: string; readonly paths: readonly string[]; readonly snapshot: SnapshotOptions };
  readonly after: readonly string[];
}

/** The nginx rules of a release: folders next to each other, and a link to the current one. */
export interface LiveRules {
  readonly link: string;
  /** The name of the release's folder. */
  readonly to: string;
}

interface LiveAttributes {
  readonly state: 'present' | 'absent';
  readonly release: string;
  /** The number of releases that are kept on the host. */
  readonly keep: number;
  /** The folder below the release that nginx serves through the link `docroot` next to this one; `.` for the whole release. */
  readonly docroot?: string;
  /**
   * The rules that are switched with the release. They refer to the release by a link of their own, so that old and new workers of nginx
   * each serve their own release.
   */
  readonly rules?: LiveRules;
  /** The path at which the application sees its release. Missing if that is the release's own path, as in older records. */
  readonly seenAt?: string;
  /** The server of its requests. Missing if only files are served. */
  readonly by?: Answering;
  readonly hooks?: Hooks;
  /** The units that run while this release is live, in their order. They are recorded with the release, for a rollback. */
  readonly units?: readonly Resource[];
  /** The resources that these need. They stay on the host as long as a release needs them. */
  readonly needs?: readonly Resource[];
}

interface LiveState {
  readonly to: string;
  /** The target of the link to the served docroot. */
  readonly docroot?: string;
  /** The target of the link through which nginx reaches the release. */
  readonly served?: string;
  /** The socket that the requests of the live release go to. */
  readonly socket?: string;
  /** The targets of other links. */
  readonly links: ReadonlyMap<string, string>;
}

/**
 * Describes the live release and the server of its requests. The link at `path` is switched by a rename, and the link to the server's
 * socket is next to the release, so every request sees either the old release or the new one, and never parts of both.
 */
export function live(
  path: string,
  options: Omit<LiveAttributes, 'state'> & { readonly notify?: Handler | readonly Handler[] | undefined },
): Resource {
  const { notify, ...attributes } = options;
  return liveKind.resource(
    path,
    { state: 'present', ...attributes },
    { notify, exclusive: true, ...(attributes.rules && { remember: { rules: attributes.rules.link } }) },
  );
}

export const liveKind = defineKind<LiveAttributes, LiveState>({
  name: 'live',
  phase: 'state',
  check: checkPath,
  shell: {
    run: [bundledLibrary('run/probe.sh', asUser), bundledLibrary('run/switch.sh', rules, changes), rules, confined, releaseSnapshots],
  },
  absent: (remembered) => ({ state: 'absent', release: '', keep: 0, ...rulesIn(remembered) }),
  retains: (id, { release, keep }, releases, known) => {
    const recorded = releases.get(siteOf(id)) ?? [];
    const before = recorded.filter((each) => each.release !== release).slice(0, keep - 1);
    return before.flatMap(({ needs }) => needs ?? runtimePackages(known));
  },
  read: (resources) =>
    sh`find ${resources.flatMap(({ id, attributes: { rules } }) => [id, `${folderOf(id)}/live`, `${folderOf(id)}/docroot`, `${folderOf(id)}/releases`, ...(rules ? [rules.link] : [])])} -maxdepth 1 ! -type d -printf '%l\t%p\n' 2>/dev/null`,
  parse: (output) => {
    const links = new Map(
      output.split('\n').flatMap((line): [string, string][] => {
        const [to, path] = line.split('\t');
        return to !== undefined && path ? [[path, to]] : [];
      }),
    );
    return new Map(
      [...links].map(([path, to]): [string, LiveState] => {
        const socket = links.get(`${folderOf(path)}/${to}.sock`);
        const docroot = links.get(`${folderOf(path)}/docroot`);
        const served = links.get(`${folderOf(path)}/live`);
        return [path, { to, links, ...(docroot && { docroot }), ...(served && { served }), ...(socket && { socket }) }];
      }),
    );
  },

  diff: (path, desired, current) => {
    const { release, by, hooks, rules, seenAt } = desired;
    const now = rules && current?.links.get(rules.link);
    if (desired.state === 'absent')
      return current
        ? [
            {
              action: 'remove',
              summary: 'unlink the live release',
              step: {
                kind: 'plain',
                apply: sh`rm -rf -- ${[path, ...['live', 'served', 'docroot', 'previous'].map((name) => `${folderOf(path)}/${name}`), ...(rules ? [rules.link] : [])]}`,
              },
              undo: back(path, current, rules && now ? { link: rules.link, to: now } : undefined),
            },
          ]
        : [];
    const to = `releases/${release}`;
    const docroot = desired.docroot === undefined ? undefined : desired.docroot === '.' ? to : `${to}/${desired.docroot}`;
    const socket = by?.socket ?? '';
    const same = current?.to === to;
    const isServed = docroot === undefined || (current?.docroot === docroot && current.served === `served/${release}`);
    const isRuled = now === rules?.to;
    if (same && isServed && isRuled && (current.socket ?? '') === socket) return [];
    const folder = `${folderOf(path)}/${to}`;
    const seen = seenAt ?? folder;
    const change: Difference = {
      action: current === undefined ? 'create' : 'update',
      summary: same
        ? changed(current, { docroot: isServed ? undefined : docroot, socket, rules: isRuled ? undefined : rules?.to })
        : `${idOfRelease(current)}${release}`,
      step: {
        kind: 'plain',
        apply: lines(
          ...(by && current && !same ? warms(path, seen, by, current) : []),
          ...(by ? probes(folder, seen, by) : []),
          sh`record_release ${[path, release, String(by?.seconds ?? ''), recordText(desired), ...needed(desired)]}`,
          sh`switch_release ${[path, to, socket, String(desired.keep), docroot ?? '', ...(rules ? [rules.link, rules.to] : [])]}`,
        ),
      },
      undo: lines(
        current ? back(path, current, rules && now ? { link: rules.link, to: now } : undefined) : sh`undo_first_switch ${path}`,
        sh`restore_release_record ${path} ${release}`,
      ),
    };
    const prepared =
      rules && !isRuled ? [now === undefined ? laid(path, rules, current && docroot?.replace(to, current.to)) : checked(rules)] : [];
    if (same || !hooks) return [...prepared, change];
    const hook = (command: string): Difference => {
      const run = sh`run_hook ${seen} ${hooks.user} ${hooks.environment} ${command} ${hooks.sandbox ?? []}`;
      const migrate = current && hooks.migrate?.command === command ? hooks.migrate : undefined;
      if (!migrate) return { action: 'run', summary: command, step: { kind: 'plain', apply: run } };
      const { paths, snapshot } = migrate;
      return {
        action: 'run',
        summary: `${command}, after a snapshot of ${snapshot.database} if it has new migrations`,
        step: { kind: 'plain', apply: lines(sh`snapshot_before_migrations ${path} ${paths.join('\n')} ${snapshotWords(snapshot)}`, run) },
      };
    };
    return [...prepared, ...hooks.before.map(hook), change, ...hooks.after.map(hook)];
  },
});

/**
 * Returns the change that links the first rules before nginx reads them. `docroot` is the live release's, if an older version of this program
 * made no link to it.
 */
function laid(path: string, { link, to }: LiveRules, docroot: string | undefined): Difference {
  return {
    action: 'create',
    phase: 'files',
    summary: `serve with the rules ${to}`,
    step: {
      kind: 'staged',
      stage: docroot ? sh`create_docroot_link ${folderOf(path)} ${docroot}` : sh`:`,
      apply: sh`install_first_rules ${folderOf(path)} ${link} ${to}`,
    },
    undo: sh`rm -f -- ${link}`,
    effects: [{ kind: 'touches', path: link }],
  };
}

function checked({ link, to }: LiveRules): Difference {
  return {
    action: 'run',
    phase: 'files',
    summary: `check the rules ${to} with nginx`,
    step: { kind: 'plain', apply: sh`check_rules ${link} ${to}` },
    undo: sh`:`,
  };
}

/** Returns the record of a release, which a rollback uses. `src/release/inventory.ts` reads it. */
function recordText(desired: LiveAttributes): string {
  const { units = [], needs } = desired;
  const recorded = (resources: readonly Resource[]) => resources.map((each) => ({ ...each, notify: each.notify.map(recordOf) }));
  return JSON.stringify([recorded(units), { ...desired, units: undefined, ...(needs && { needs: recorded(needs) }) }]);
}

/** Returns the names of the resources that a release needs according to its record, including its rules. */
function needed({ needs = [], rules }: LiveAttributes): readonly string[] {
  return [...needs.map(nameOf), ...(rules ? [nameOf({ kind: 'directory', id: `${folderOf(rules.link)}/${rules.to}` })] : [])];
}

/**
 * Returns what a release may need if its record is of an older version, which did not list its needs. The playbook of a runtime has the
 * runtime's name.
 */
function runtimePackages(known: Manifest['resources']): readonly ResourceId[] {
  const ofRuntimes = Object.entries(known).filter(([, { playbook }]) => runtimes.has(playbook));
  return ofRuntimes.map(([name]) => parseName(name)).filter(({ kind }) => ['apt-repository', 'package', 'service'].includes(kind));
}

const runtimes: ReadonlySet<string> = new Set(runtimeNames);

function rulesIn(remembered: unknown): Pick<LiveAttributes, 'rules'> {
  const link = typeof remembered === 'object' && remembered !== null && 'rules' in remembered ? remembered.rules : undefined;
  return typeof link === 'string' ? { rules: { link: checkPath(link), to: '' } } : {};
}

/** Returns the command that compiles in the new release what was compiled in the live one, wherever the application saw that one. */
function warms(path: string, seen: string, by: Answering, { to, socket }: LiveState): readonly Command[] {
  if (by.protocol !== 'fastcgi' || !socket) return [];
  return [sh`warm ${socket} ${by.socket} ${seen} ${path} ${`${folderOf(path)}/${to}`}`];
}

/** Returns the command that requests pages of the release. Its files are in `folder`, and the application sees them in `seen`. */
function probes(folder: string, seen: string, by: Answering): readonly Command[] {
  const docroots = [folder, seen].map((each) => (by.docroot === '.' ? each : `${each}/${by.docroot}`));
  return [
    sh`probe ${by.errors ?? ''} ${(by.logs ?? []).join(' ')} ${by.protocol} ${by.socket} ${by.scheme} ${by.host} ${docroots} ${by.paths}`,
  ];
}

function back(path: string, { to, socket = '', docroot = '' }: LiveState, rules: LiveRules | undefined): Command {
  return sh`switch_release ${[path, to, socket, '0', docroot, ...(rules ? [rules.link, rules.to] : [])]}`;
}

/** Describes what changes if the release stays the same. */
function changed(
  current: LiveState,
  { docroot, socket, rules }: { readonly docroot: string | undefined; readonly socket: string; readonly rules: string | undefined },
): string {
  return [
    ...(docroot ? [`${docroot} is served`] : []),
    ...((current.socket ?? '') === socket ? [] : [`${idOf(current.socket)} -> ${idOf(socket)}`]),
    ...(rules ? [`with the rules ${rules}`] : []),
  ].join(', ');
}

function idOfRelease(current: LiveState | undefined): string {
  return current === undefined ? '' : `${current.to.replace(/^releases\//, '') || 'no link'} -> `;
}

function idOf(socket: string | undefined): string {
  return socket?.replace(/^.*\/|\.sock$/g, '') || 'nothing';
}

/** Returns the domain, by which the host's records name a site. */
function siteOf(path: string): string {
  return folderOf(path).slice(folderOf(path).lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
