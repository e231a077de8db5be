import { backupProgramPath } from '../../backups/job.ts';
import { unpackInto } from '../../backups/unpack.ts';
import { sh } from '../../command/command.ts';
import { Problem } from '../../error.ts';
import type { Context, HostSession } from '../session.ts';
import { runJob } from './job.ts';

export interface RestoreRequest {
  /** The backup's id; by default the last one. */
  readonly id?: string | undefined;
  /** The local folder to restore to, instead of the site. */
  readonly folder?: string | undefined;
  /** True if the restore was approved in advance. */
  readonly approved: boolean;
}

/** Restores a backup: to the site, after a backup of its present state, or to a folder on this machine. */
export async function restoreBackup(session: HostSession, domain: string, request: RestoreRequest, context: Context): Promise<void> {
  if (request.folder !== undefined) return restoreToFolder(session, domain, request.folder, request.id, context);
  const { host } = session.transport;
  const which = request.id === undefined ? 'the last backup' : `the backup ${request.id}`;
  const question = `Replace the database and the shared files of ${domain} on ${host} by ${which}? The present state is backed up first.`;
  if (!request.approved && !(await context.confirm?.(question)))
    throw new Problem({
      message: 'Nothing was restored.',
      host,
      hint: context.confirm ? 'You did not agree.' : 'Nobody can be asked here: add --yes to restore without a question.',
    });
  // It goes on if this process ends, so from now on the host may have changed.
  context.emit({ event: 'run', host });
  await runJob(session, ['restore', domain, request.id ?? ''], 'The restore', context);
}

/** A transfer has at most half a day. */
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
        hint: 'Its own words above say why. Nothing was written.',
      });
  });
  emit({ event: 'note', host, text: `The backup is in ${folder}: database/data.sql and code.sql, shared/, and release/.` });
}
