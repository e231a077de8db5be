import { type Command, lines, quoteForUnit, sh } from '../command/command.ts';
import { pathOf } from './effect.ts';
import type { Checker } from './handler.ts';
import type { Change, PlannedHandler } from './plan.ts';
import type { NumberedChange } from './steps.ts';

/** The checkers that see what is about to be put in place: each once, and none whose folders stay as they are. */
export function checkersOf(changes: readonly NumberedChange[], handlers: readonly PlannedHandler[]): readonly Checker[] {
  const all = [...changes.filter((change) => change.phase === 'files').flatMap((change) => change.notify), ...handlers];
  const byName = new Map(all.flatMap(({ checker }) => (checker ? [[checker.name, checker] as const] : [])));
  return [...byName.values()].filter((checker) => changes.some((change) => change.phase === 'files' && isUnder(change, checker)));
}

function isUnder(change: Change, checker: Checker): boolean {
  return rootsOf(checker).some((root) => pathOf(change)?.startsWith(`${root}/`));
}

/** What hardens the service is checked with it. */
function rootsOf({ roots, unit }: Checker): readonly string[] {
  return [...roots, ...(unit === undefined ? [] : [`/etc/systemd/system/${unit}.d`])];
}

/** The shell of one: the checker's folders are copied, the staged files are put in place there, and the checker runs. */
export function inspection(checker: Checker, changes: readonly NumberedChange[]): Command {
  const inside = changes.filter((change) => change.phase === 'files' && isUnder(change, checker));
  const { unit, command, roots } = checker;
  return lines(
    sh`mount_copies ${rootsOf(checker)} || return`,
    ...inside.map((change) => sh`step=${change.number}; apply || return`),
    ...(unit === undefined
      ? [command]
      : [sh`if is_known_unit ${unit}; then`, sh`check_in_unit ${unit} ${quoteForUnit(command)} ${roots}`, sh`else`, command, sh`fi`]),
  );
}
