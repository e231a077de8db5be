import { text } from 'node:stream/consumers';
import { Problem } from '../error.ts';
import type { RepositoryAccess } from '../operations/backup/repository.ts';
import { parseBackupSecrets } from '../operations/backup/secrets.ts';
import type { Invocation } from './invocation.ts';
import { interactive } from './options.ts';

/** Reads the secrets of a repository from standard input, or returns how to ask for them. */
export async function repositoryAccess({ options, reporter, signal }: Invocation): Promise<RepositoryAccess> {
  if (options.secretsStdin && options.sudoPasswordStdin)
    throw new Problem({
      message: 'Standard input cannot hold both the sudo password and the secrets of the repository.',
      hint: 'Set the sudo password in FOOBAR_SUDO_PASSWORD.',
    });
  const secrets = options.secretsStdin ? parseBackupSecrets(await text(process.stdin)) : {};
  const acceptsNew = options.acceptNew === true;
  if (!interactive(options) || options.secretsStdin) return { secrets, acceptsNew };
  const { askSecret } = await import('./ask.ts');
  return { secrets, acceptsNew, ask: (question) => askSecret(question, false, reporter, signal) };
}
