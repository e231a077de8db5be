import { type Command, lines, sh } from '../command/command.ts';
import { type Difference, defineKind, type Handler, type Resource } from '../engine/resource.ts';
import { checkPath } from './path.ts';

/** What answers a release's requests, and how it is asked before visitors are sent to it. */
export interface Answering {
  /** The path of its Unix socket. */
  readonly socket: string;
  readonly protocol: 'fastcgi' | 'http';
  readonly scheme: 'http' | 'https';
  /** The `Host` that it is asked for. */
  readonly host: string;
  /** The folder below the release that is served; `.` for all of it. */
  readonly docroot: string;
  /** What is asked: none may be answered with an error, with nothing, or not in time. */
  readonly paths: readonly string[];
}

/** Commands of the application's own around a switch, run in the new release as its user with its environment. */
export interface Hooks {
  readonly user: string;
  /** The file of its environment, as systemd reads one. */
  readonly environment: string;
  /** Properties of the systemd unit that each runs as: what it sees of the host, and may do there. */
  readonly sandbox?: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
}

interface LiveAttributes {
  readonly state: 'present' | 'absent';
  readonly release: string;
  /** How many releases stay on the host. */
  readonly keep: number;
  /** The folder below the release that nginx serves, by the link `docroot` beside this one; `.` for all of it. */
  readonly docroot?: string;
  /** Where files alone are served, nothing has to answer. */
  readonly by?: Answering;
  readonly hooks?: Hooks;
  /** The units that are to run where this release is live, in their order; kept beside the release, as the way back. */
  readonly units?: readonly Resource[];
}

interface LiveState {
  readonly to: string;
  /** Where the link leads that nginx serves. */
  readonly docroot?: string;
  /** The socket that the live release's requests go to. */
  readonly socket?: string;
}

/**
 * What visitors get: a release, and what answers its requests. The link at `path` is switched by a rename, and which socket a release's
 * requests go to is a link beside the release, so every request sees the one or the other and never parts of both.
 */
export function live(
  path: string,
  options: Omit<LiveAttributes, 'state'> & { readonly notify?: Handler | readonly Handler[] | undefined },
): Resource {
  const { notify = [], ...attributes } = options;
  return {
    kind: 'live',
    id: checkPath(path),
    attributes: { state: 'present', ...attributes } satisfies LiveAttributes,
    notify: [notify].flat(),
    exclusive: true,
  };
}

export const liveKind = defineKind<LiveAttributes, LiveState>({
  name: 'live',
  phase: 'state',
  absent: (id) => ({
    kind: 'live',
    id: checkPath(id),
    attributes: { state: 'absent', release: '', keep: 0 } satisfies LiveAttributes,
    notify: [],
  }),
  read: (resources) =>
    sh`find ${resources.flatMap(({ id }) => [id, `${folderOf(id)}/docroot`, `${folderOf(id)}/releases`])} -maxdepth 1 ! -type d -printf '%l\t%p\n' 2>/dev/null`,
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
        return [path, { to, ...(docroot && { docroot }), ...(socket && { socket }) }];
      }),
    );
  },

  diff: (path, desired, current) => {
    if (desired.state === 'absent')
      return current
        ? [
            {
              action: 'remove',
              summary: 'no release is live',
              apply: sh`rm -f -- ${[path, `${folderOf(path)}/docroot`, `${folderOf(path)}/previous`]}`,
              undo: back(path, current),
            },
          ]
        : [];
    const { release, by, hooks } = desired;
    const to = `releases/${release}`;
    const docroot = desired.docroot === undefined ? undefined : desired.docroot === '.' ? to : `${to}/${desired.docroot}`;
    const socket = by?.socket ?? '';
    const same = current?.to === to;
    const isServed = docroot === undefined || current?.docroot === docroot;
    if (same && isServed && (current.socket ?? '') === socket) return [];
    const folder = `${folderOf(path)}/${to}`;
    const change: Difference = {
      action: current === undefined ? 'create' : 'update',
      summary:
        same && !isServed ? `${docroot} is served` : same ? `${idOf(current.socket)} -> ${idOf(socket)}` : `${nameOf(current)}${release}`,
      apply: lines(
        ...(by ? probes(folder, by, current && `${folderOf(path)}/${current.to}`, current?.socket) : []),
        sh`record_release ${path} ${release} ${JSON.stringify([desired.units ?? [], { ...desired, units: undefined }])}`,
        sh`switch_release ${[path, to, socket, String(desired.keep), ...(docroot ? [docroot] : [])]}`,
      ),
      undo: current ? back(path, current) : sh`unswitch ${path}`,
    };
    if (same || !hooks) return [change];
    const hook = (command: string): Difference => ({
      action: 'run',
      summary: command,
      apply: sh`run_hook ${folder} ${hooks.user} ${hooks.environment} ${command} ${hooks.sandbox ?? []}`,
    });
    return [...hooks.before.map(hook), change, ...hooks.after.map(hook)];
  },
});

/** Warms what compiles the release, from what the live one had compiled, and asks the release for its pages. */
function probes(folder: string, by: Answering, old: string | undefined, oldSocket: string | undefined): readonly Command[] {
  const docroot = by.docroot === '.' ? folder : `${folder}/${by.docroot}`;
  return [
    ...(by.protocol === 'fastcgi' && old && oldSocket && old !== folder ? [sh`warm ${oldSocket} ${old} ${by.socket} ${folder}`] : []),
    sh`probe ${by.protocol} ${by.socket} ${by.scheme} ${by.host} ${docroot} ${by.paths}`,
  ];
}

function back(path: string, { to, socket = '', docroot }: LiveState): Command {
  return sh`switch_release ${[path, to, socket, '0', ...(docroot ? [docroot] : [])]}`;
}

function nameOf(current: LiveState | undefined): string {
  return current === undefined ? '' : `${current.to.replace(/^releases\//, '') || 'no link'} -> `;
}

function idOf(socket: string | undefined): string {
  return socket?.replace(/^.*\/|\.sock$/g, '') || 'nothing';
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
