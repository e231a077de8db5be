import { countText } from '../../amount.ts';
import { effectsOf } from '../../engine/effect.ts';
import type { Change, Plan } from '../../engine/plan.ts';
import { nameOf } from '../../engine/resource-id.ts';
import { changeLines, entry, handlerLine, type Sign, signOf } from './change.ts';
import { columnsOf, wrap } from './layout.ts';
import { partText } from './plan-part.ts';
import { paint } from './symbols.ts';

/** `parts`: a line for each part, with drift and removals in full. `resources`: a line for each change. `diffs`: with the diff of each file. */
export type PlanDetail = 'parts' | 'resources' | 'diffs';

export interface PlanTextOptions {
  readonly detail: PlanDetail;
  /** The width in columns. */
  readonly width: number;
}

/** Returns the plan as text: the changes and handlers of each playbook, then what is refused, and a summary. */
export function planText(plan: Plan, options: PlanTextOptions): string {
  if (plan.changes.length === 0 && plan.handlers.length === 0 && plan.refused.length === 0)
    return `Nothing to change: ${plan.checked} resources are as they should be.`;
  const refused = plan.refused.flatMap(({ resource, summary }) =>
    entry(['!', 'red'], `${nameOf(resource)}  ${summary}: it holds data, so it is kept unless you add --allow-destroy`, options.width),
  );
  return [
    ...(options.detail === 'parts' ? shortLines(plan, options) : fullLines(plan, options)),
    ...(refused.length > 0 ? [paint('bold', 'kept'), ...refused] : []),
    ...wrap(summaryOf(plan), options.width),
  ].join('\n');
}

/** Returns every change and handler on lines of its own, below the playbook's name. */
function fullLines(plan: Plan, { detail, width }: PlanTextOptions): readonly string[] {
  return partsOf(plan).flatMap(({ playbook, changes, handlers }) => [
    paint('bold', playbook),
    ...changes.flatMap((change) =>
      changeLines(change, { width, diff: detail === 'diffs' ? 'full' : isNoteworthy(change) ? 'short' : 'none' }),
    ),
    ...handlers.map(handlerLine),
  ]);
}

/**
 * Returns a line for each playbook, and below it what nobody may overlook: what somebody has changed on the host, what is removed, and what
 * an interrupted run has left undone.
 */
function shortLines(plan: Plan, { width }: PlanTextOptions): readonly string[] {
  const parts = partsOf(plan);
  const margin = Math.min(16, Math.max(...parts.map(({ playbook }) => columnsOf(playbook)))) + 4;
  return parts.flatMap(({ playbook, changes, handlers }) => {
    const [first, ...more] = changes.filter((change) => !isNoteworthy(change));
    const noteworthy = changes.filter(isNoteworthy).flatMap((change) => changeLines(change, { width, diff: 'short' }));
    const pending = handlers.filter((handler) => handler.pending);
    const reloads = handlers.filter((handler) => !handler.pending).map(({ summary }) => summary);
    // A single change is named, because its name takes no more space than its kind.
    const text = first && more.length === 0 ? singleText(first) : partText(changes.filter((change) => !isNoteworthy(change)));
    const words = [text, ...reloads].filter(Boolean).join('; ');
    const sign: Sign = first && [first, ...more].every(({ action }) => action === 'create') ? signOf('create') : signOf('update');
    const line = words === '' ? [paint('bold', playbook)] : headed(sign, playbook, words, margin, width);
    return [...line, ...noteworthy, ...pending.map(handlerLine)];
  });
}

function isNoteworthy({ reason, action }: Change): boolean {
  return reason === 'drift' || reason === 'pending' || action === 'remove';
}

function singleText({ resource, action, summary }: Change): string {
  if (action !== 'create') return `${nameOf(resource)}  ${summary}`;
  return resource.kind === 'package' ? `install ${resource.id}` : nameOf(resource);
}

function headed([sign, style]: Sign, playbook: string, words: string, margin: number, width: number): readonly string[] {
  const head = `  ${playbook}`.padEnd(margin);
  const [first = '', ...more] = wrap(head + words, width, margin);
  return [`${paint(style, sign)} ${paint('bold', first.slice(2, margin))}${first.slice(margin)}`, ...more];
}

interface PlaybookPart extends Pick<Plan, 'changes' | 'handlers'> {
  readonly playbook: string;
}

function partsOf({ playbooks, changes, handlers }: Plan): readonly PlaybookPart[] {
  return playbooks
    .map((playbook) => ({
      playbook,
      changes: changes.filter((change) => change.playbook === playbook),
      handlers: handlers.filter((handler) => handler.playbook === playbook),
    }))
    .filter((part) => part.changes.length + part.handlers.length > 0);
}

/**
 * Returns the summary, for example `14 changes (9 new, 3 drift, 2 services to reload or restart), 48 resources compared. 25 packages to
 * fetch, 41.2 MB.` The first number is the one that the run reports at its end.
 */
function summaryOf({ changes, handlers, checked }: Plan): string {
  const reasons = (['new', 'update', 'drift', 'pending'] as const).flatMap((reason) => {
    const count = changes.filter((change) => change.reason === reason).length;
    return count === 0 ? [] : [`${count} ${reason}`];
  });
  const [fetch] = changes.flatMap((change) => effectsOf(change, 'fetches'));
  const packages = fetch ? ` ${countText(fetch.packages, 'package')} to fetch, ${(fetch.bytes / 1e6).toFixed(1)} MB.` : '';
  const services = handlers.length > 0 ? [`${countText(handlers.length, 'service')} to reload or restart`] : [];
  const all = countText(changes.length + handlers.length, 'change');
  return `${all} (${[...reasons, ...services].join(', ')}), ${countText(checked, 'resource')} compared.${packages}`;
}
