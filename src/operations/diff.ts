import { createTwoFilesPatch } from 'diff';
import { shown, withContents } from '../engine/current-contents.ts';
import { effectsOf } from '../engine/effect.ts';
import type { Change, Plan } from '../engine/plan.ts';
import { redactor } from '../health/redact.ts';
import { peerSecretsOf } from './secrets.ts';
import type { HostSession } from './session.ts';

/**
 * Returns the plan with the unified diff of each file that changes. Those of new files, which are their whole text, are added only if `all`
 * is true.
 */
export async function withDiffs({ transport, peers }: Pick<HostSession, 'transport' | 'peers'>, plan: Plan, all: boolean): Promise<Plan> {
  const { changes, ...rest } = await withContents(transport, plan);
  // The host does not know these, so it has not replaced them.
  const redact = redactor(peerSecretsOf({ peers }));
  return {
    ...rest,
    changes: changes.map((change) => {
      const diff = all || change.action === 'update' ? unifiedDiff(change) : undefined;
      return diff ? { ...change, diff: redact(diff) } : change;
    }),
  };
}

/** Returns a diff with two lines of context and without a header, because the change itself names the file. Secrets are `(sensitive)`. */
function unifiedDiff(change: Change): string | undefined {
  const content = effectsOf(change, 'writes')[0]?.content;
  if (!content || (content.before === undefined && change.action !== 'create') || content.before === content.after) return undefined;
  const patch = createTwoFilesPatch('', '', shown(content.before ?? ''), shown(content.after), '', '', { context: 2 });
  return patch.split('\n').slice(4).join('\n').trimEnd();
}
