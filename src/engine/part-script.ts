import { type Command, lines, sh } from '../command/command.ts';
import { type Handler, handlerId } from './handler.ts';
import { notifies, partOfHandler } from './part.ts';
import type { Plan } from './plan.ts';
import type { Step } from './steps.ts';

/** Returns the function that sets `part` to the part of a step. */
export function partOf(steps: readonly Step[]): Command {
  const parts = [...new Set(steps.flatMap(({ part }) => part ?? []))];
  const cases = parts.map((name) => {
    const numbers = steps.filter(({ part }) => part === name).map(({ number }) => sh`${number}`);
    return sh`    ${numbers.reduce((one, other) => sh`${one} | ${other}`)}) part=${name} ;;`;
  });
  return cases.length === 0
    ? sh`part_of() {\n  part=\n}\n`
    : sh`part_of() {\n  case $1 in\n${lines(...cases)}\n    *) part= ;;\n  esac\n}\n`;
}

/** Returns the function that sets `own` to the handlers that only changes of this part notify, and `shared` to its other handlers. */
export function handlersOfParts({ parts, changes, handlers }: Plan): Command {
  const cases = parts.flatMap(({ name }) => {
    const notified = handlers.filter((handler) => changes.some((change) => change.part === name && notifies(change, handler)));
    const own = notified.filter((handler) => partOfHandler(handler, changes) === name);
    const ids = (some: readonly Handler[]) => some.map(handlerId).join(' ');
    const shared = notified.filter((handler) => !own.includes(handler));
    return notified.length === 0 ? [] : [sh`    ${name}) own=${ids(own)} shared=${ids(shared)} ;;`];
  });
  return sh`handlers_of() {\n  ${cases.length === 0 ? sh`:` : sh`case $1 in\n${lines(...cases)}\n  esac`}\n}\n`;
}
