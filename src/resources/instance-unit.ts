import { type Command, lines, sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';
import { bundledLibrary } from '../engine/shell-library.ts';

/** The shell functions that the commands of an instance call. */
export const instances = bundledLibrary('run/instances.sh');

/** An instance of a template unit that is outside of systemd's own folders. There is one for each release. */
export interface InstanceUnit {
  readonly unit: string;
  /** The path of the template. */
  readonly path: string;
  /** The path of the template of the unit that this one starts. */
  readonly activates?: string;
}

/** Returns whether a unit is an instance of a template at this path. */
export function isInstance(unit: string, path: string | undefined): path is string {
  return path !== undefined && /@\.[a-z]+$/.test(path) && /@.+\./.test(unit);
}

/**
 * Returns commands that print which of these units are enabled. They look at the links, because systemd reports the state of a running
 * unit's links as of its start.
 */
export function readEnabled(units: readonly string[]): readonly Command[] {
  if (units.length === 0) return [];
  const links = units.map((unit) => `/etc/systemd/system/${unit.endsWith('.socket') ? 'sockets' : 'multi-user'}.target.wants/${unit}`);
  return [sh`find ${links} -maxdepth 0 -printf 'enabled\t%f\n' 2>/dev/null`];
}

/** Returns the change that enables and starts such a unit, or undefined if it runs. */
export function startInstance(
  its: InstanceUnit,
  now: { readonly isEnabled: boolean; readonly isRunning: boolean },
): Difference | undefined {
  if (now.isEnabled && now.isRunning) return undefined;
  const { unit, path, activates } = its;
  const words = [unit, path, ...(activates ? [activates] : [])];
  const say = [...(now.isEnabled ? [] : ['enable']), ...(now.isRunning ? [] : ['start'])];
  const apply: readonly Command[] = [
    ...(now.isEnabled ? [] : [sh`enable_instance ${words}`]),
    ...(now.isRunning ? [] : [sh`systemctl start ${unit}`]),
  ];
  const undo: readonly Command[] = [
    ...(now.isRunning ? [] : [sh`systemctl stop ${unit} || ! systemctl is-active --quiet ${unit}`]),
    ...(now.isEnabled ? [] : [sh`disable_instance ${words}`]),
  ];
  return {
    // A unit that runs without a link is still serving its last requests for an earlier release. It is ours too.
    action: now.isEnabled ? 'update' : 'create',
    summary: say.join(', '),
    step: { kind: 'plain', apply: lines(...apply) },
    undo: lines(...undo),
    ...(!now.isRunning && { effects: [{ kind: 'starts', unit }] }),
  };
}

/**
 * Returns the change that stops and disables such a unit once its last requests have ended, or undefined if it neither runs nor is enabled.
 */
export function stopInstance(
  { unit, path }: InstanceUnit,
  now: { readonly isEnabled: boolean; readonly isRunning: boolean },
): Difference | undefined {
  if (!now.isEnabled && !now.isRunning) return undefined;
  return {
    action: 'update',
    summary: now.isRunning ? 'stop when its last requests have ended' : 'disable',
    step: { kind: 'plain', apply: sh`leave_instance ${unit} ${path}` },
    undo: lines(...(now.isEnabled ? [sh`enable_instance ${unit} ${path}`] : []), ...(now.isRunning ? [sh`systemctl start ${unit}`] : [])),
    effects: [{ kind: 'stops', unit }],
  };
}
