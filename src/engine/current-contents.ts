import { lines, sh, shell } from '../command/command.ts';
import { secretsFolder } from '../host-paths.ts';
import type { Transport } from '../transport/transport.ts';
import type { Change, Plan } from './plan.ts';
import { privateFolder, secretPlaces } from './run-libraries.ts';
import { textOf } from './shell-library.ts';

/** Larger files are not shown as a difference, in bytes. */
const largest = 256 * 1024;

/**
 * The plan with the text that each changed file has now, so that the difference can be shown: one round trip, and none where no file changes.
 * The host turns secrets back into their places before anything leaves it.
 */
export async function withContents(transport: Transport, plan: Plan): Promise<Plan> {
  const asked = plan.changes.filter((change) => change.content && change.action === 'update' && change.path);
  if (asked.length === 0) return plan;
  const output = await transport.script(
    lines(
      shell(`SECRETS=${secretsFolder}`),
      shell(textOf([privateFolder, secretPlaces])),
      shell('private_folder'),
      sh`mask "$private" "$(cd "$SECRETS" 2>/dev/null && ls | tr '\n' ' ')" ${asked.map(({ path }) => path ?? '')}`,
      shell(
        asked
          .map((_, index) => `printf '%s ' ${index}; head -c ${largest} "$private/${index + 1}" 2>/dev/null | base64 -w 0; echo`)
          .join('\n'),
      ),
    ).text,
  );
  const texts = new Map(
    output.stdout.split('\n').flatMap((line): [Change | undefined, string][] => {
      const [index = '', base64 = ''] = line.split(' ');
      return index === '' ? [] : [[asked[Number(index)], Buffer.from(base64, 'base64').toString('utf8')]];
    }),
  );
  const changes = plan.changes.map((change) => {
    const before = texts.get(change);
    return change.content && before !== undefined ? { ...change, content: { ...change.content, before } } : change;
  });
  return { ...plan, changes };
}

/** For messages: a file's secrets as what they are, not as what they stand in for. */
export function shown(text: string): string {
  return text.replaceAll(/\{\{secret:[^}]+\}\}/g, '(sensitive)');
}
