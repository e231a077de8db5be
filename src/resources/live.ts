import { type Command, lines, sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';
import { type Handler, recordOf } from '../engine/handler.ts';
import type { Manifest } from '../engine/manifest.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { nameOf, parseName, type ResourceId } from '../engine/resource-id.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { runtimeNames } from '../runtimes/index.ts';
import { checkPath } from './path.ts';
import { asUser, confined } from './shell.ts';

const rules = bundledLibrary('run/rules.sh');

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
  /** Seconds in which a request ends; 65 where it is left out. */
  readonly seconds?: number;
  /** The file where the application writes its errors, which are shown where it is asked in vain; its folder is the application's. */
  readonly errors?: string;
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

/** How nginx serves a release: folders beside each other, and a link to the one that it has taken up. */
export interface LiveRules {
  readonly link: string;
  /** The name of the release's folder. */
  readonly to: string;
}

interface LiveAttributes {
  readonly state: 'present' | 'absent';
  readonly release: string;
  /** How many releases stay on the host. */
  readonly keep: number;
  /** The folder below the release that nginx serves, by the link `docroot` beside this one; `.` for all of it. */
  readonly docroot?: string;
  /** Switched with the release; they reach it by a link of their own, so that nginx's workers of before and of after serve what is theirs. */
  readonly rules?: LiveRules;
  /** Where the application finds its release, whichever that is; left out where that is the release's own path, as older records have it. */
  readonly seenAt?: string;
  /** Where files alone are served, nothing has to answer. */
  readonly by?: Answering;
  readonly hooks?: Hooks;
  /** The units that are to run where this release is live, in their order; kept beside the release, as the way back. */
  readonly units?: readonly Resource[];
  /** What these cannot run without: on the host for as long as a release that needs it. */
  readonly needs?: readonly Resource[];
}

interface LiveState {
  readonly to: string;
  /** Where the link leads that nginx serves. */
  readonly docroot?: string;
  /** The socket that the live release's requests go to. */
  readonly socket?: string;
  /** Where other links lead. */
  readonly links: ReadonlyMap<string, string>;
}

/**
 * What visitors get: a release, and what answers its requests. The link at `path` is switched by a rename, and which socket a release's
 * requests go to is a link beside the release, so every request sees the one or the other and never parts of both.
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
  shell: { run: [bundledLibrary('run/probe.sh', asUser), bundledLibrary('run/switch.sh', rules), rules, confined] },
  absent: (remembered) => ({ state: 'absent', release: '', keep: 0, ...rulesIn(remembered) }),
  retains: (id, { release, keep }, releases, known) => {
    const recorded = releases.get(siteOf(id)) ?? [];
    const before = recorded.filter((each) => each.release !== release).slice(0, keep - 1);
    return before.flatMap(({ needs }) => needs ?? runtimePackages(known));
  },
  read: (resources) =>
    sh`find ${resources.flatMap(({ id, attributes: { rules } }) => [id, `${folderOf(id)}/docroot`, `${folderOf(id)}/releases`, ...(rules ? [rules.link] : [])])} -maxdepth 1 ! -type d -printf '%l\t%p\n' 2>/dev/null`,
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
        return [path, { to, links, ...(docroot && { docroot }), ...(socket && { socket }) }];
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
                apply: sh`rm -f -- ${[path, `${folderOf(path)}/docroot`, `${folderOf(path)}/previous`, ...(rules ? [rules.link] : [])]}`,
              },
              undo: back(path, current, rules && now ? { link: rules.link, to: now } : undefined),
            },
          ]
        : [];
    const to = `releases/${release}`;
    const docroot = desired.docroot === undefined ? undefined : desired.docroot === '.' ? to : `${to}/${desired.docroot}`;
    const socket = by?.socket ?? '';
    const same = current?.to === to;
    const isServed = docroot === undefined || current?.docroot === docroot;
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
          ...(by?.seconds === undefined ? [] : [sh`record_seconds ${path} ${release} ${String(by.seconds)}`]),
          sh`record_release ${[path, release, recordText(desired), ...needed(desired)]}`,
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
    const hook = (command: string): Difference => ({
      action: 'run',
      summary: command,
      step: { kind: 'plain', apply: sh`run_hook ${seen} ${hooks.user} ${hooks.environment} ${command} ${hooks.sandbox ?? []}` },
    });
    return [...prepared, ...hooks.before.map(hook), change, ...hooks.after.map(hook)];
  },
});

/** The first rules: live before nginx reads them, with what is live; `docroot` is that of a release that no link to a docroot is of yet. */
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

/** What the host records of a release, as its way back; `src/release/inventory.ts` reads it. */
function recordText(desired: LiveAttributes): string {
  const { units = [], needs } = desired;
  const recorded = (resources: readonly Resource[]) => resources.map((each) => ({ ...each, notify: each.notify.map(recordOf) }));
  return JSON.stringify([recorded(units), { ...desired, units: undefined, ...(needs && { needs: recorded(needs) }) }]);
}

/** Names of what a release is recorded to need, its rules included. */
function needed({ needs = [], rules }: LiveAttributes): readonly string[] {
  return [...needs.map(nameOf), ...(rules ? [nameOf({ kind: 'directory', id: `${folderOf(rules.link)}/${rules.to}` })] : [])];
}

/** What a release may need whose record is of an older version, which wrote nothing of it down. A playbook of a runtime is called as the runtime. */
function runtimePackages(known: Manifest['resources']): readonly ResourceId[] {
  const own = Object.entries(known).filter(([, { playbook }]) => runtimes.has(playbook));
  return own.map(([name]) => parseName(name)).filter(({ kind }) => ['apt-repository', 'package', 'service'].includes(kind));
}

const runtimes: ReadonlySet<string> = new Set(runtimeNames);

function rulesIn(remembered: unknown): Pick<LiveAttributes, 'rules'> {
  const link = typeof remembered === 'object' && remembered !== null && 'rules' in remembered ? remembered.rules : undefined;
  return typeof link === 'string' ? { rules: { link: checkPath(link), to: '' } } : {};
}

/** Compiles of the release what the live one had compiled, wherever that one found itself. */
function warms(path: string, seen: string, by: Answering, { to, socket }: LiveState): readonly Command[] {
  if (by.protocol !== 'fastcgi' || !socket) return [];
  return [sh`warm ${socket} ${by.socket} ${seen} ${path} ${`${folderOf(path)}/${to}`}`];
}

/** Asks the release for its pages, whose files are in this folder, and seen by it in that one. */
function probes(folder: string, seen: string, by: Answering): readonly Command[] {
  const docroots = [folder, seen].map((each) => (by.docroot === '.' ? each : `${each}/${by.docroot}`));
  return [sh`probe ${by.errors ?? ''} ${by.protocol} ${by.socket} ${by.scheme} ${by.host} ${docroots} ${by.paths}`];
}

function back(path: string, { to, socket = '', docroot = '' }: LiveState, rules: LiveRules | undefined): Command {
  return sh`switch_release ${[path, to, socket, '0', docroot, ...(rules ? [rules.link, rules.to] : [])]}`;
}

/** What changes where the release stays. */
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

/** The domain, by which the host's records name a site. */
function siteOf(path: string): string {
  return folderOf(path).slice(folderOf(path).lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
