import { lines, sh } from '../command/command.ts';
import { secretsFolder } from '../host-paths.ts';
import type { Transport } from '../transport/transport.ts';
import { type Effect, effectsOf } from './effect.ts';
import type { Plan } from './plan.ts';
import { privateFolder, secretPlaces } from './run-libraries.ts';
import { definitionsOf } from './shell-library.ts';

/** The size in bytes above which a file's difference is not shown. */
const largest = 256 * 1024;

/**
 * Returns the plan with the current text of each file that changes, so that the difference can be shown. It takes one round trip, or none
 * if no file changes. The host replaces secrets by their placeholders before it sends anything.
 */
export async function withContents(transport: Transport, plan: Plan): Promise<Plan> {
  const updates = plan.changes.filter(({ action }) => action === 'update').flatMap((change) => effectsOf(change, 'writes'));
  if (updates.length === 0) return plan;
  const output = await transport.script(
    lines(
      sh`SECRETS=${secretsFolder}`,
      definitionsOf([privateFolder, secretPlaces]),
      sh`private_folder`,
      sh`mask_secrets "$private" "$(cd "$SECRETS" 2>/dev/null && ls | tr '\n' ' ')" ${updates.map(({ path }) => path)}`,
      ...updates.map((_, index) => sh`printf '%s ' ${index}; head -c ${largest} "$private/${index + 1}" 2>/dev/null | base64 -w 0; echo`),
    ),
  );
  const texts = new Map(
    output.stdout.split('\n').flatMap((line): [Effect | undefined, string][] => {
      const [index = '', base64 = ''] = line.split(' ');
      return index === '' ? [] : [[updates[Number(index)], Buffer.from(base64, 'base64').toString('utf8')]];
    }),
  );
  const withText = (effect: Effect): Effect => {
    const before = texts.get(effect);
    return effect.kind === 'writes' && before !== undefined ? { ...effect, content: { ...effect.content, before } } : effect;
  };
  return { ...plan, changes: plan.changes.map((change) => ({ ...change, effects: change.effects.map(withText) })) };
}

/** Returns a text for messages, in which `(sensitive)` replaces the placeholders of secrets. */
export function shown(text: string): string {
  return text.replaceAll(/\{\{secret:[^}]+\}\}/g, '(sensitive)');
}
