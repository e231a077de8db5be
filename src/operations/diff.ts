import { createTwoFilesPatch } from 'diff';
import { shown, withContents } from '../engine/current-contents.ts';
import { effectsOf } from '../engine/effect.ts';
import type { Change, Plan } from '../engine/plan.ts';
import type { Transport } from '../transport/transport.ts';

/** The plan with the unified difference of each file that changes; that of a new file is its whole text, and only where `all` asks for it. */
export async function withDiffs(transport: Transport, plan: Plan, all: boolean): Promise<Plan> {
  const { changes, ...rest } = await withContents(transport, plan);
  return {
    ...rest,
    changes: changes.map((change) => {
      const diff = all || change.action === 'update' ? unifiedDiff(change) : undefined;
      return diff ? { ...change, diff } : change;
    }),
  };
}

/** Two lines of context, without a head: the change's own line names the file. Secrets are `(sensitive)`. */
function unifiedDiff(change: Change): string | undefined {
  const content = effectsOf(change, 'writes')[0]?.content;
  if (!content || (content.before === undefined && change.action !== 'create') || content.before === content.after) return undefined;
  const patch = createTwoFilesPatch('', '', shown(content.before ?? ''), shown(content.after), '', '', { context: 2 });
  return patch.split('\n').slice(4).join('\n').trimEnd();
}
