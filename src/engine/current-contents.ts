import { lines, sh } from '../command/command.ts';
import { secretsFolder } from '../host-paths.ts';
import type { Transport } from '../transport/transport.ts';
import { type Effect, effectsOf } from './effect.ts';
import type { Plan } from './plan.ts';
import { privateFolder, secretPlaces } from './run-libraries.ts';
import { definitionsOf } from './shell-library.ts';

/** Larger files are not shown as a difference, in bytes. */
const largest = 256 * 1024;

/**
 * The plan with the text that each changed file has now, so that the difference can be shown: one round trip, and none where no file changes.
 * The host turns secrets back into their places before anything leaves it.
 */
export async function withContents(transport: Transport, plan: Plan): Promise<Plan> {
  const asked = plan.changes.filter(({ action }) => action === 'update').flatMap((change) => effectsOf(change, 'writes'));
  if (asked.length === 0) return plan;
  const output = await transport.script(
    lines(
      sh`SECRETS=${secretsFolder}`,
      definitionsOf([privateFolder, secretPlaces]),
      sh`private_folder`,
      sh`mask_secrets "$private" "$(cd "$SECRETS" 2>/dev/null && ls | tr '\n' ' ')" ${asked.map(({ path }) => path)}`,
      ...asked.map((_, index) => sh`printf '%s ' ${index}; head -c ${largest} "$private/${index + 1}" 2>/dev/null | base64 -w 0; echo`),
    ),
  );
  const texts = new Map(
    output.stdout.split('\n').flatMap((line): [Effect | undefined, string][] => {
      const [index = '', base64 = ''] = line.split(' ');
      return index === '' ? [] : [[asked[Number(index)], Buffer.from(base64, 'base64').toString('utf8')]];
    }),
  );
  const withText = (effect: Effect): Effect => {
    const before = texts.get(effect);
    return effect.kind === 'writes' && before !== undefined ? { ...effect, content: { ...effect.content, before } } : effect;
  };
  return { ...plan, changes: plan.changes.map((change) => ({ ...change, effects: change.effects.map(withText) })) };
}

/** For messages: a file's secrets as what they are, not as what they stand in for. */
export function shown(text: string): string {
  return text.replaceAll(/\{\{secret:[^}]+\}\}/g, '(sensitive)');
}
