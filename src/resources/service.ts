import { type Command, lines, sh } from '../command/command.ts';
import type { Effect } from '../engine/effect.ts';
import type { Checker, Handler } from '../engine/handler.ts';
import { isAccessUnit } from '../engine/lockout.ts';
import { defineKind, type ListenPort, type Resource } from '../engine/resource.ts';
import { stateFolder } from '../host-paths.ts';
import { instances, isInstance, readEnabled, startInstance, stopInstance } from './instance-unit.ts';
import { readPackages } from './shell.ts';

interface ServiceAttributes {
  readonly running: boolean;
  readonly enabled: boolean;
  /**
   * The path of the unit file, if it is outside systemd's own folders. Enabling the unit links the file, and disabling it removes the
   * link.
   */
  readonly path?: string;
  /** The path of the unit that this one activates, which must be linked first. */
  readonly activates?: string;
  /**
   * The package that installs and starts the unit, if the unit should not run just because the package was installed. A unit that its
   * owner was already using stays as it is.
   */
  readonly broughtBy?: string;
}

interface ServiceOptions extends ServiceAttributes {
  /** The TCP ports that it listens on, which must be free when it is started. */
  readonly ports?: readonly ListenPort[];
}

interface ServiceState {
  readonly load: string;
  readonly active: string;
  readonly file: string;
  /** The drop-ins that neither a package nor a run has created. */
  readonly dropIns: readonly string[];
  /** True if its package was installed before any run. */
  readonly theirs: boolean;
  /** True if it is an enabled instance. */
  readonly isLinked: boolean;
  /** True if its package is on the host but has not been configured yet. */
  readonly comesWithPackage: boolean;
}

/** Describes a systemd unit: whether it should be running, and whether it should be enabled. A name without a suffix means a `.service`. */
export function service(name: string, { ports, ...attributes }: ServiceOptions): Resource {
  const { path } = attributes;
  return serviceKind.resource(name, attributes, { ...(path && { remember: { path } }), ...(ports && { ports }) });
}

/** Returns a handler that reloads a unit after its checker has accepted the configuration. */
export function reload(name: string, checker?: Checker): Handler {
  return handler('reload', name, sh`systemctl try-reload-or-restart ${unitOf(name)}`, checker);
}

/** Returns a handler that restarts a unit, for settings that it reads only when it starts. */
export function restart(name: string, checker?: Checker): Handler {
  return handler('restart', name, sh`systemctl try-restart ${unitOf(name)}`, checker);
}

function handler(verb: Handler['verb'], name: string, command: Command, checker?: Checker): Handler {
  return { verb, unit: unitOf(name), summary: `${verb} ${name}`, command, ...(checker && { checker }) };
}

/** Returns the full name of a unit; see systemd.unit(5). */
function unitOf(name: string): string {
  if (!/^[A-Za-z0-9:_.\\@-]+$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a valid name for a systemd unit`);
  return /\.(service|socket|timer|swap|mount|path|target)$/.test(name) ? name : `${name}.service`;
}

export const serviceKind = defineKind<ServiceAttributes, ServiceState>({
  name: 'service',
  phase: 'state',
  check: unitOf,
  shell: { run: [instances], read: [readPackages] },
  absent: (remembered) => ({ running: false, enabled: false, ...pathIn(remembered) }),
  read: (resources) =>
    lines(
      sh`systemctl show --property=Id,Names,LoadState,ActiveState,UnitFileState,DropInPaths ${resources.map(({ id }) => id)}`,
      ...readEnabled(resources.flatMap(({ id, attributes: { path } }) => (isInstance(id, path) ? [id] : []))),
      ...resources.flatMap(({ id, attributes: { broughtBy } }) =>
        broughtBy ? [sh`read_unit_package ${id} ${broughtBy} ${stateFolder}`] : [],
      ),
    ),
  parse: (output) =>
    new Map(
      output.split('\n\n').flatMap((block): [string, ServiceState][] => {
        const fields = new Map(
          block.split('\n').map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
        );
        const state = {
          load: fields.get('LoadState') ?? '',
          active: fields.get('ActiveState') ?? '',
          file: fields.get('UnitFileState') ?? '',
          dropIns: ownersDropIns(fields.get('DropInPaths') ?? ''),
          theirs: output.split('\n').includes(`theirs\t${fields.get('Id')}`),
          isLinked: output.split('\n').includes(`enabled\t${fields.get('Id')}`),
          comesWithPackage: output.split('\n').includes(`coming\t${fields.get('Id')}`),
        };
        // A unit may have several names: on Debian, sshd.service is an alias of ssh.service.
        const names = [fields.get('Id') ?? '', ...(fields.get('Names') ?? '').split(' ')];
        return names.map((name) => [name, state]);
      }),
    ),

  remark: (unit, { dropIns }) => dropIns.map((path) => `${unit} has a drop-in that its owner added, which stays: ${path}`),

  diff: (unit, desired, current) => {
    if (desired.broughtBy && current?.theirs) return [];
    const absent = !current || current.load === 'not-found';
    const masked = current?.load === 'masked';
    const runs = current?.active === 'active' || current?.active === 'reloading' || current?.active === 'activating';
    const enabled = current?.file === 'enabled' || current?.file === 'static' || current?.file === 'alias' || current?.file === 'indirect';
    if (isInstance(unit, desired.path)) {
      const { path, activates } = desired;
      const instance = { unit, path, ...(activates && { activates }) };
      const state = { isEnabled: current?.isLinked === true, isRunning: runs };
      return [desired.running ? startInstance(instance, state) : stopInstance(instance, state)].filter((found) => found !== undefined);
    }
    const start = desired.running && !runs;
    const file = desired.path ?? unit;
    const access: readonly Effect[] = isAccessUnit(unit) ? [{ kind: 'may-lock-out' }] : [];
    const link = desired.activates ? [sh`systemctl link --quiet ${desired.activates}`] : [];
    if (desired.broughtBy && (absent || current.comesWithPackage))
      return [
        {
          action: 'update',
          summary: 'keep stopped and disabled',
          step: { kind: 'plain', apply: sh`systemctl disable --quiet --now ${unit}` },
          undo: sh`:`,
          effects: [...access, { kind: 'stops', unit }],
        },
      ];
    const parts = [
      ...(masked && desired.running
        ? [{ summary: 'unmask', apply: sh`systemctl unmask ${unit}; systemctl unmask --runtime ${unit}`, undo: sh`systemctl mask ${unit}` }]
        : []),
      ...(desired.enabled && !enabled
        ? [
            {
              summary: 'enable',
              apply: lines(...link, sh`systemctl is-enabled --quiet ${unit} 2>/dev/null || systemctl enable --quiet ${file}`),
              undo: sh`systemctl disable --quiet ${unit}`,
            },
          ]
        : []),
      ...(!desired.running && runs ? [{ summary: 'stop', apply: sh`systemctl stop ${unit}`, undo: sh`systemctl start ${unit}` }] : []),
      ...(!desired.enabled && enabled && !absent
        ? [{ summary: 'disable', apply: sh`systemctl disable --quiet ${unit}`, undo: sh`systemctl enable --quiet ${file}` }]
        : []),
      ...(start
        ? [
            {
              summary: 'start',
              apply: sh`systemctl start ${unit}`,
              undo: sh`systemctl stop ${unit} || ! systemctl is-active --quiet ${unit}`,
            },
          ]
        : []),
    ];
    if (parts.length === 0) return [];
    return [
      {
        action: absent ? 'create' : 'update',
        summary: parts.map(({ summary }) => summary).join(', '),
        step: { kind: 'plain', apply: lines(...parts.map(({ apply }) => apply)) },
        undo: lines(...parts.map(({ undo }) => undo).reverse()),
        effects: [
          ...access,
          ...(start ? [{ kind: 'starts', unit } as const] : []),
          ...(desired.running ? [] : [{ kind: 'stops', unit } as const]),
        ],
      },
    ];
  },
});

function pathIn(remembered: unknown): Pick<ServiceAttributes, 'path'> {
  const path = typeof remembered === 'object' && remembered !== null && 'path' in remembered ? remembered.path : undefined;
  return typeof path === 'string' ? { path } : {};
}

/**
 * Returns the drop-ins under /etc/systemd/system, where people add theirs, except our own. Other folders belong to packages and the
 * system.
 */
function ownersDropIns(paths: string): readonly string[] {
  return paths.split(' ').filter((path) => path.startsWith('/etc/systemd/system/') && !path.endsWith('/10-foobar-provision.conf'));
}
