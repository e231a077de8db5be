import { type Command, lines, quoteForUnit, sh } from '../command/command.ts';
import { pathOf } from './effect.ts';
import type { Checker } from './handler.ts';
import type { Change } from './plan.ts';
import type { PlannedHandler } from './planned-handler.ts';
import type { NumberedChange } from './steps.ts';

/** Returns the checkers whose folders are about to change, each once. */
export function checkersOf(changes: readonly NumberedChange[], handlers: readonly PlannedHandler[]): readonly Checker[] {
  const all = [...changes.filter((change) => change.phase === 'files').flatMap((change) => change.notify), ...handlers];
  const byName = new Map(all.flatMap(({ checker }) => (checker ? [[checker.name, checker] as const] : [])));
  return [...byName.values()].filter((checker) => changes.some((change) => change.phase === 'files' && isUnder(change, checker)));
}

function isUnder(change: Change, checker: Checker): boolean {
  return rootsOf(checker).some((root) => pathOf(change)?.startsWith(`${root}/`));
}

/** Returns the folders that a checker reads, and the folder of the drop-ins of its service. */
function rootsOf({ roots, unit }: Checker): readonly string[] {
  return [...roots, ...(unit === undefined ? [] : [`/etc/systemd/system/${unit}.d`])];
}

/** Returns the shell of one check: it copies the checker's folders, puts the staged files into the copies, and runs the checker there. */
export function inspection(checker: Checker, changes: readonly NumberedChange[]): Command {
  const inside = changes.filter((change) => change.phase === 'files' && isUnder(change, checker));
  const { unit, command, roots } = checker;
  return lines(
    sh`mount_copies ${rootsOf(checker)} || return`,
    ...inside.map(({ number, part }) =>
      part === undefined ? sh`step=${number}; apply || return` : sh`is_left_out ${number} || { step=${number}; apply; } || return`,
    ),
    ...(unit === undefined
      ? [command]
      : [sh`if is_known_unit ${unit}; then`, sh`check_in_unit ${unit} ${quoteForUnit(command)} ${roots}`, sh`else`, command, sh`fi`]),
  );
}
