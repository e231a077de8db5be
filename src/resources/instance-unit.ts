import { type Command, lines, sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';
import { bundledLibrary } from '../engine/shell-library.ts';

/** What the commands of such a unit call. */
export const instances = bundledLibrary('run/instances.sh');

/** A unit of a template that lies outside of systemd's own folders: one for each release. */
export interface InstanceUnit {
  readonly unit: string;
  /** The template's file. */
  readonly path: string;
  /** The file of the template of the unit that this one starts. */
  readonly activates?: string;
}

/** Returns whether a unit is of a template at this path. */
export function isInstance(unit: string, path: string | undefined): path is string {
  return path !== undefined && /@\.[a-z]+$/.test(path) && /@.+\./.test(unit);
}

/**
 * Prints which of these units start with the host. Their links are asked for, because systemd goes on to tell of a unit that runs what it knew of its
 * links when it started.
 */
export function readEnabled(units: readonly string[]): readonly Command[] {
  if (units.length === 0) return [];
  const links = units.map((unit) => `/etc/systemd/system/${unit.endsWith('.socket') ? 'sockets' : 'multi-user'}.target.wants/${unit}`);
  return [sh`find ${links} -maxdepth 0 -printf 'enabled\t%f\n' 2>/dev/null`];
}

/** Returns what lets such a unit answer; undefined where it does. */
export function answers(its: InstanceUnit, now: { readonly isEnabled: boolean; readonly isRunning: boolean }): Difference | undefined {
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
    action: now.isEnabled || now.isRunning ? 'update' : 'create',
    summary: say.join(', '),
    step: { kind: 'plain', apply: lines(...apply) },
    undo: lines(...undo),
    ...(!now.isRunning && { effects: [{ kind: 'starts', unit }] }),
  };
}

/** Returns what lets such a unit end, when the requests of its release have; undefined where it neither runs nor is to start. */
export function leaves(
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
