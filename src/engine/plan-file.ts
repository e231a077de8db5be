import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod/mini';
import { exitCode, Problem } from '../error.ts';
import type { Effect } from './effect.ts';
import { handlerId } from './handler.ts';
import type { Plan } from './plan.ts';
import { nameOf } from './resource-id.ts';

const schema = z.object({
  schema: z.literal(1),
  /** The host of the plan, as the user named it. */
  host: z.string(),
  /** The digest of the host's records (see files/run/base.sh). */
  base: z.string(),
  changes: z.array(
    z.looseObject({
      resource: z.object({ kind: z.string(), id: z.string() }),
      reason: z.string(),
      summary: z.string(),
      step: z.looseObject({ kind: z.string() }),
    }),
  ),
  handlers: z.array(z.looseObject({ verb: z.enum(['reload', 'restart']), unit: z.string() })),
});

export type SavedPlan = z.infer<typeof schema>;

/** Returns a plan as the text of a file: its changes, and the state of the host that it was made for. Secrets appear by name only. */
export function savePlan(host: string, base: string, plan: Plan): string {
  const changes = plan.changes.map(({ shell: _shell, ports: _ports, reloads: _reloads, ...change }) => ({
    ...change,
    effects: change.effects.map(withoutContent),
  }));
  return `${JSON.stringify({ schema: 1, host, base, changes, handlers: plan.handlers }, null, 1)}\n`;
}

/** Removes a file's text from an effect, because the step contains it already. */
function withoutContent(effect: Effect): Effect {
  return effect.kind === 'writes' ? { kind: 'touches', path: effect.path } : effect;
}

/** Parses a saved plan. Throws a Problem if it is damaged. */
export function parseSavedPlan(text: string, file: string): SavedPlan {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw damaged(file, cause);
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw damaged(file, parsed.error);
}

function damaged(file: string, cause: unknown): Problem {
  return new Problem({
    message: `${file} is not a saved plan, or it is damaged.`,
    hint: 'Make it again with `foobar-provision plan --out`.',
    cause,
  });
}

/** Throws a Problem that names the differences if the new plan is not identical to the saved one. */
export function requireSame(saved: SavedPlan, host: string, base: string, plan: Plan): void {
  const now = parseSavedPlan(savePlan(host, base, plan), 'the plan');
  const moved = [
    ...differing(saved.changes, now.changes, ({ resource, summary }) => `${nameOf(resource)} (${summary})`),
    ...differing(saved.handlers, now.handlers, handlerId),
  ];
  if (saved.base !== base) moved.push('what was last applied');
  if (moved.length === 0) return;
  throw new Problem({
    message: `The host, or the configuration, has changed since the plan was saved for ${saved.host}: ${moved.slice(0, 10).join(', ')}${moved.length > 10 ? ` and ${moved.length - 10} more` : ''}.`,
    hint: 'Look at a new plan, and apply that.',
    exit: exitCode.failed,
  });
}

function differing<T extends object>(before: readonly T[], after: readonly T[], name: (item: T) => string): string[] {
  const only = (these: readonly T[], those: readonly T[]) => these.filter((item) => !those.some((other) => isDeepStrictEqual(item, other)));
  return [...new Set([...only(before, after), ...only(after, before)].map(name))];
}
