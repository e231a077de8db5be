import { styleText } from 'node:util';
import type { Change, Plan } from '../engine/plan.ts';
import type { Action } from '../engine/resource.ts';

const signs: Readonly<Record<Action, readonly [string, Parameters<typeof styleText>[0]]>> = {
  create: ['+', 'green'],
  update: ['~', 'yellow'],
  remove: ['-', 'red'],
  run: ['>', 'cyan'],
};

/** The plan for a person: a line a change, grouped by playbook, then what reloads, what is fetched, and a sum. */
export function planText(plan: Plan): string {
  if (plan.changes.length === 0 && plan.handlers.length === 0 && plan.refused.length === 0)
    return `Nothing to change: ${plan.checked} resources are as they should be.`;
  const groups = plan.playbooks.flatMap((playbook) => {
    const changes = plan.changes.filter((change) => change.playbook === playbook);
    const handlers = plan.handlers.filter((handler) => handler.playbook === playbook);
    if (changes.length + handlers.length === 0) return [];
    return [
      styleText('bold', playbook),
      ...changes.flatMap((change) => [changeLine(change), ...(change.diff?.split('\n') ?? []).map((line) => `      ${coloured(line)}`)]),
      ...handlers.map(
        ({ summary, pending }) =>
          `  ${styleText('cyan', '↻')} ${summary}${pending ? styleText('dim', '  (pending: a run that was cut off owes it)') : ''}`,
      ),
    ];
  });
  const refused = plan.refused.map(
    ({ resource, summary }) =>
      `  ${styleText('red', '!')} ${resource}  ${summary}: it holds data, so it stays unless you say --allow-destroy`,
  );
  return [...groups, ...(refused.length > 0 ? [styleText('bold', 'kept'), ...refused] : []), sumOf(plan)].join('\n');
}

function changeLine({ resource, action, reason, summary }: Change): string {
  const [sign, style] = signs[action];
  return `  ${styleText(style, sign)} ${resource}  ${summary}${reason === 'new' ? '' : styleText('dim', `  (${reason})`)}`;
}

function coloured(line: string): string {
  const style = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : line.startsWith('@') ? 'cyan' : undefined;
  return style ? styleText(style, line) : line;
}

/** `12 changes: 9 new, 3 drift. 25 packages to fetch, 41.2 MB.` */
function sumOf({ changes, checked }: Plan): string {
  const reasons = (['new', 'update', 'drift', 'pending'] as const).flatMap((reason) => {
    const count = changes.filter((change) => change.reason === reason).length;
    return count === 0 ? [] : [`${count} ${reason}`];
  });
  const fetch = changes.find((change) => change.fetch)?.fetch;
  const packages = fetch ? ` ${fetch.packages} packages to fetch, ${(fetch.bytes / 1e6).toFixed(1)} MB.` : '';
  return `${changes.length} ${changes.length === 1 ? 'change' : 'changes'} (${reasons.join(', ')}), ${checked} resources compared.${packages}`;
}
