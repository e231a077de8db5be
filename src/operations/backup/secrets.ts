import { Secret } from '../../command/secret.ts';
import { Problem } from '../../error.ts';

/** The secrets of a repository that the user can pass, by their names on standard input. */
export const secretNames = ['passphrase', 'key-id', 'key'] as const;

export type BackupSecrets = Partial<Record<(typeof secretNames)[number], Secret>>;

/** Reads secrets from lines such as `passphrase=…`. Throws a Problem if a line has another form. */
export function parseBackupSecrets(text: string): BackupSecrets {
  const found = text.split(/\r?\n/).flatMap((line): readonly (readonly [string, Secret])[] => {
    if (line.trim() === '') return [];
    const at = line.indexOf('=');
    const name = secretNames.find((each) => each === line.slice(0, at));
    if (name === undefined || at + 1 === line.length)
      throw new Problem({
        message: 'A line of standard input is not a secret of a repository.',
        hint: `Each line is a name and a value: ${secretNames.map((each) => `${each}=…`).join(', ')}.`,
      });
    return [[name, new Secret(line.slice(at + 1))]];
  });
  return Object.fromEntries(found);
}
