import { reveal } from '../command/secret.ts';
import { type BackupWork, backup } from '../operations/backup.ts';
import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { inSession } from '../operations/session.ts';
import { printable } from '../printable.ts';
import { idOf } from './backup-id.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';
import { repositoryAccess } from './repository-access.ts';

export async function backupCommand(invocation: Invocation): Promise<Result> {
  const context = contextOf(invocation);
  if (invocation.options.from !== undefined) return (await import('./recover.ts')).recoverCommand(invocation, context);
  const work = await workOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (fleet) => backup({ site: invocation.options.site, work }, fleet, context));
}

async function workOf(invocation: Invocation): Promise<BackupWork> {
  const id = idOf(invocation);
  const [verb] = invocation.words;
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

async function scheduling(invocation: Invocation): Promise<BackupWork> {
  const access = await repositoryAccess(invocation);
  if (!access.ask) return { kind: 'schedule', ...access };
  const { reporter } = invocation;
  return {
    kind: 'schedule',
    ...access,
    show: (passphrase, where) => {
      reporter.pause();
      process.stdout.write(
        `This is the passphrase of the backups. It is shown only once:\n\n  ${printable(reveal(passphrase))}\n\nStore it outside this host: without it, no backup can be restored. The host keeps it in ${where}.\n\n`,
      );
    },
  };
}
