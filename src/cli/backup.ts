import { text } from 'node:stream/consumers';
import { reveal } from '../command/secret.ts';
import { Problem } from '../error.ts';
import { parseBackupSecrets } from '../operations/backup/secrets.ts';
import { type BackupWork, backup } from '../operations/backup.ts';
import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { inSession } from '../operations/session.ts';
import { printable } from '../printable.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';
import { interactive } from './options.ts';

export async function backupCommand(invocation: Invocation): Promise<Result> {
  const context = contextOf(invocation);
  const work = await workOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (fleet) => backup({ site: invocation.options.site, work }, fleet, context));
}

async function workOf(invocation: Invocation): Promise<BackupWork> {
  const [verb, id, ...more] = invocation.words;
  const takesId = verb === 'restore' || verb === 'drill';
  const unexpected = takesId ? more[0] : id;
  if (unexpected !== undefined)
    throw new Problem({
      message: `Unexpected word "${unexpected}".`,
      hint: 'foobar-provision backup [TARGET] now|list|restore [ID]|drill [ID]|schedule',
    });
  if (takesId && id !== undefined && !/^[0-9a-f]{4,64}$/.test(id))
    throw new Problem({ message: `"${id}" is not the id of a backup.`, hint: 'See the ids: foobar-provision backup list' });
  const { options } = invocation;
  switch (verb) {
    case 'list':
      return { kind: 'list' };
    case 'drill':
      return { kind: 'drill', id };
    case 'restore':
      return { kind: 'restore', id, folder: options.to, approved: options.yes === true };
    case 'schedule':
      return scheduling(invocation);
    default:
      return { kind: 'now' };
  }
}

async function scheduling({ options, reporter, signal }: Invocation): Promise<BackupWork> {
  if (options.secretsStdin && options.sudoPasswordStdin)
    throw new Problem({
      message: 'Standard input cannot hold both the sudo password and the secrets of the repository.',
      hint: 'Set the sudo password in FOOBAR_SUDO_PASSWORD.',
    });
  const secrets = options.secretsStdin ? parseBackupSecrets(await text(process.stdin)) : {};
  if (!interactive(options) || options.secretsStdin) return { kind: 'schedule', secrets, acceptsNew: options.acceptNew === true };
  const { askSecret } = await import('./ask.ts');
  return {
    kind: 'schedule',
    secrets,
    acceptsNew: options.acceptNew === true,
    ask: (question) => askSecret(question, false, reporter, signal),
    show: (passphrase, where) => {
      reporter.pause();
      process.stdout.write(
        `This is the passphrase of the backups. It is shown only once:\n\n  ${printable(reveal(passphrase))}\n\nStore it outside this host: without it, no backup can be restored. The host keeps it in ${where}.\n\n`,
      );
    },
  };
}
