import { countText } from '../../amount.ts';
import type { Action } from '../../engine/difference.ts';
import { effectsOf } from '../../engine/effect.ts';
import type { Change, Plan } from '../../engine/plan.ts';
import type { PlannedHandler } from '../../engine/planned-handler.ts';
import { nameOf } from '../../engine/resource-id.ts';
import { printable } from '../../printable.ts';
import { columnsOf, wrap } from './layout.ts';
import { paint, type Style } from './symbols.ts';

export interface PlanTextOptions {
  /** True to show every change on a line of its own, and every diff in full. */
  readonly all: boolean;
  /** The width in columns. */
  readonly width: number;
}

const signs: Readonly<Record<Action, readonly [string, Style]>> = {
  create: ['+', 'green'],
  update: ['~', 'yellow'],
  remove: ['-', 'red'],
  run: ['>', 'cyan'],
};

/** The kinds whose new resources are listed on one line, each with its plural. */
const plural: Readonly<Record<string, string>> = { package: 'packages', directory: 'directories' };

/** How many lines a diff, or how many changes a group of similar ones, may have before it is shortened. */
const most = 40;

/** Returns the plan as text: the changes and handlers of each playbook, then what is refused, and a summary. */
export function planText(plan: Plan, options: PlanTextOptions): string {
  if (plan.changes.length === 0 && plan.handlers.length === 0 && plan.refused.length === 0)
    return `Nothing to change: ${plan.checked} resources are as they should be.`;
  const groups = plan.playbooks.flatMap((playbook) => {
    const changes = plan.changes.filter((change) => change.playbook === playbook);
    const handlers = plan.handlers.filter((handler) => handler.playbook === playbook);
    if (changes.length + handlers.length === 0) return [];
    return [
      paint('bold', playbook),
      ...(options.all ? changes.map((change) => [change]) : folded(changes)).flatMap((similar) => changeLines(similar, options)),
      ...handlers.map(handlerLine),
    ];
  });
  const refused = plan.refused.flatMap(({ resource, summary }) =>
    entry('!', 'red', `${nameOf(resource)}  ${summary}: it holds data, so it is kept unless you add --allow-destroy`, options.width),
  );
  return [...groups, ...(refused.length > 0 ? [paint('bold', 'kept'), ...refused] : []), ...wrap(summaryOf(plan), options.width)].join(
    '\n',
  );
}

/** Groups the changes that are shown together: new packages, new directories, and large numbers of similar changes. */
function folded(changes: readonly Change[]): readonly (readonly Change[])[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const similar = groups.get(groupKeyOf(change));
    if (similar) similar.push(change);
    else groups.set(groupKeyOf(change), [change]);
  }
  // Keep the order of the plan, with each group at the place of its first change.
  return changes.flatMap((change) => {
    const similar = groups.get(groupKeyOf(change)) ?? [change];
    if (!isFolded(similar) && similar.length <= most) return [[change]];
    return similar[0] === change ? [similar] : [];
  });
}

function groupKeyOf(change: Change): string {
  return [change.resource.kind, change.action, change.reason].join(' ');
}

function isFolded(similar: readonly Change[]): boolean {
  const [first] = similar;
  return first !== undefined && similar.length > 1 && first.action === 'create' && first.reason === 'new' && first.resource.kind in plural;
}

function changeLines(similar: readonly Change[], options: PlanTextOptions): readonly string[] {
  const [first] = similar;
  if (!first) return [];
  const [sign, style] = signs[first.action];
  if (similar.length === 1)
    return [
      ...entry(
        sign,
        style,
        `${nameOf(first.resource)}  ${first.summary}${first.reason === 'new' ? '' : `  (${first.reason})`}`,
        options.width,
      ),
      ...diffLines(first.diff, options),
    ];
  if (isFolded(similar))
    return entry(sign, style, `${plural[first.resource.kind]}: ${similar.map(({ resource }) => resource.id).join(' ')}`, options.width);
  const firstFew = similar.slice(0, most / 4).flatMap((change) => changeLines([change], options));
  return [...firstFew, `    ${paint('dim', `… and ${similar.length - most / 4} more of this kind; -v shows all`)}`];
}

/** Returns a line of text after a sign. If the text does not fit, what follows the resource's name starts on the next line. */
function entry(sign: string, style: Style, text: string, width: number): readonly string[] {
  const line = `    ${printable(text)}`;
  const [first = '', ...more] = wrap(columnsOf(line) > width ? line.replace(/(?<=\S) {2}/, '\n') : line, width, 6);
  return [`  ${paint(style, sign)} ${first.slice(4)}`, ...more];
}

function handlerLine({ summary, pending }: PlannedHandler): string {
  return `  ${paint('cyan', '↻')} ${printable(summary)}${pending ? paint('dim', '  (pending since an interrupted run)') : ''}`;
}

function diffLines(diff: string | undefined, { all, width }: PlanTextOptions): readonly string[] {
  const lines = diff?.split('\n') ?? [];
  const shown =
    all || lines.length <= most ? lines : [...lines.slice(0, most), `… ${countText(lines.length - most, 'more line')}; -v shows all`];
  return shown.flatMap((line) => wrap(`      ${printable(line)}`, width, 10).map((part) => paint(styleOf(line), part)));
}

function styleOf(line: string): Style {
  if (line.startsWith('+')) return 'green';
  if (line.startsWith('-')) return 'red';
  return line.startsWith('@') || line.startsWith('…') ? 'dim' : 'reset';
}

/** Returns the summary, for example `12 changes (9 new, 3 drift), 48 resources compared. 25 packages to fetch, 41.2 MB.` */
function summaryOf({ changes, handlers, checked }: Plan): string {
  const reasons = (['new', 'update', 'drift', 'pending'] as const).flatMap((reason) => {
    const count = changes.filter((change) => change.reason === reason).length;
    return count === 0 ? [] : [`${count} ${reason}`];
  });
  const [fetch] = changes.flatMap((change) => effectsOf(change, 'fetches'));
  const packages = fetch ? ` ${countText(fetch.packages, 'package')} to fetch, ${(fetch.bytes / 1e6).toFixed(1)} MB.` : '';
  const services = handlers.length > 0 ? `, ${countText(handlers.length, 'service')} to reload or restart` : '';
  const breakdown = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
  return `${countText(changes.length, 'change')}${breakdown}${services}, ${countText(checked, 'resource')} compared.${packages}`;
}
