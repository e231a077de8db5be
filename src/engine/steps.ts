import { handlerId } from './handler.ts';
import { isAccessUnit, touchesAccess } from './lockout.ts';
import { partOfHandler } from './part.ts';
import type { Change, Plan } from './plan.ts';
import type { PlannedHandler } from './planned-handler.ts';
import { nameOf } from './resource-id.ts';

/**
 * The sections of a run in execution order: packages, accounts, folders and files (`early`), services, data and handlers (`late`), removals,
 * what may close SSH access, and purges of packages, which cannot be rolled back.
 */
const places = ['early', 'late', 'removal', 'access', 'purge'] as const;
type Place = (typeof places)[number];

type Item = { readonly kind: 'change'; readonly change: Change } | { readonly kind: 'handler'; readonly handler: PlannedHandler };

/** What a reporter shows about a step. */
export interface StepSummary {
  /** Its number in the script and the journal. */
  readonly number: number;
  /** The name of the resource or the handler. */
  readonly name: string;
  readonly summary: string;
  /** True if the step cannot be rolled back. */
  readonly lasting: boolean;
  /** The part of the plan that is rolled back alone if the step fails. */
  readonly part?: string;
}

/** One step of a run: a change or a handler. */
export type Step = Item & StepSummary & { readonly place: Place };

/** A change together with its step number. */
export type NumberedChange = Change & { readonly number: number };

/** Returns the steps in the order in which the script executes them. Their numbers are those of its journal. */
export function stepsOf(plan: Plan): readonly Step[] {
  const ofPlaybook = (playbook: string): readonly Item[] => [
    ...plan.changes.filter((change) => change.phase === 'state' && change.playbook === playbook).map(changeItem),
    ...plan.handlers.filter((handler) => handler.playbook === playbook).map(handlerItem),
  ];
  const early = plan.changes.filter(({ phase }) => phase !== 'state' && phase !== 'removal');
  const removals = plan.changes.filter(({ phase }) => phase === 'removal');
  const items = [...early.map(changeItem), ...plan.playbooks.flatMap(ofPlaybook), ...removals.map(changeItem)];
  const placed = items.map((item) => ({ item, place: placeOf(plan, item) }));
  return places
    .flatMap((place) => placed.filter((each) => each.place === place))
    .map(({ item, place }, index) => ({ ...item, ...summaryOf(plan, item), place, number: index + 1 }));
}

function summaryOf({ changes }: Plan, item: Item): Omit<StepSummary, 'number'> {
  if (item.kind === 'handler') {
    const part = partOfHandler(item.handler, changes);
    return { name: handlerId(item.handler), summary: item.handler.summary, lasting: false, ...(part !== undefined && { part }) };
  }
  const { resource, summary, undo, part } = item.change;
  return { name: nameOf(resource), summary, lasting: !undo, ...(part !== undefined && { part }) };
}

function changeItem(change: Change): Item {
  return { kind: 'change', change };
}

function handlerItem(handler: PlannedHandler): Item {
  return { kind: 'handler', handler };
}

function placeOf(plan: Plan, item: Item): Place {
  if (item.kind === 'handler') return isAccessUnit(item.handler.unit) || isNotifiedOnlyByAccess(plan, item.handler) ? 'access' : 'late';
  const { change } = item;
  if (isPurge(change)) return 'purge';
  if (touchesAccess(change)) return 'access';
  return change.phase === 'removal' ? 'removal' : change.phase === 'state' ? 'late' : 'early';
}

/**
 * Returns whether every change that notifies a handler may close SSH access. Such a handler runs in the access section, after those changes.
 */
function isNotifiedOnlyByAccess({ changes }: Plan, handler: PlannedHandler): boolean {
  const notifying = changes.filter(({ notify }) => notify.some((each) => handlerId(each) === handlerId(handler)));
  return notifying.length > 0 && notifying.every(touchesAccess);
}

/** Returns whether a change purges a package. Packages are purged last, in one transaction. */
export function isPurge({ step }: Change): boolean {
  return step.kind === 'purge';
}

export function changesIn(steps: readonly Step[]): readonly NumberedChange[] {
  return steps.flatMap((step) => (step.kind === 'change' ? [{ ...step.change, number: step.number }] : []));
}

export function handlersIn(steps: readonly Step[]): readonly PlannedHandler[] {
  return steps.flatMap((step) => (step.kind === 'handler' ? [step.handler] : []));
}
