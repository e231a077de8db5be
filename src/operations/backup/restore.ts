import { backupProgramPath } from '../../backups/job.ts';
import { unpackInto } from '../../backups/unpack.ts';
import { sh } from '../../command/command.ts';
import { Problem } from '../../error.ts';
import type { Context, HostSession } from '../session.ts';
import { runJob } from './job.ts';

export interface RestoreRequest {
  /** The id of the backup. By default, the last backup is restored. */
  readonly id?: string | undefined;
  /** The folder on this machine to restore to. By default, the site itself is restored. */
  readonly folder?: string | undefined;
  /** True if the restore was approved in advance. */
  readonly approved: boolean;
}

/** Restores a backup to the site, after backing up the site's current state, or to a folder on this machine. */
export async function restoreBackup(session: HostSession, domain: string, request: RestoreRequest, context: Context): Promise<void> {
  if (request.folder !== undefined) return restoreToFolder(session, domain, request.folder, request.id, context);
  const { host } = session.transport;
  const which = request.id === undefined ? 'the last backup' : `the backup ${request.id}`;
  const question = `Replace the database and the shared files of ${domain} on ${host} with ${which}? The current state is backed up first.`;
  if (!request.approved && !(await context.confirm?.(question)))
    throw new Problem({
      message: 'Nothing was restored.',
      host,
      hint: context.confirm ? 'You did not confirm the restore.' : 'There is no terminal to ask for confirmation. Add --yes to confirm.',
    });
  // The job continues on the host if this process ends, so from here on the host may have changed.
  context.emit({ event: 'run', host });
  await runJob(session, ['restore', domain, request.id ?? ''], 'The restore', context);
}

/** A transfer may take 12 hours. */
const timeoutSeconds = 12 * 3600;

async function restoreToFolder(
  { transport, config }: HostSession,
  domain: string,
  folder: string,
  id: string | undefined,
  { emit, signal }: Context,
): Promise<void> {
  const { host } = transport;
  emit({ event: 'stage', host, text: `receiving the backup in ${folder}` });
  await unpackInto(folder, async (output) => {
    const { code, stderr } = await transport.run(sh`${backupProgramPath} ${config.name} extract ${domain} ${id ?? ''}`, {
      output,
      timeout: timeoutSeconds,
      signal,
    });
    if (code !== 0)
      throw new Problem({
        message: `The backup could not be read on ${host}.`,
        host,
        stderr: stderr.trim(),
        commandExit: code,
        hint: 'The output above says why. Nothing was written.',
      });
  });
  emit({ event: 'note', host, text: `The backup is in ${folder}: database/data.sql and code.sql, shared/, and release/.` });
}
