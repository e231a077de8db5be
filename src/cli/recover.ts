import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { repositoryOf } from '../config/backups.ts';
import { messageOf, Problem } from '../error.ts';
import { recover } from '../operations/backup/recover.ts';
import type { Result } from '../operations/event.ts';
import type { Context } from '../operations/session.ts';
import { idOf } from './backup-id.ts';
import { connectOf } from './connect.ts';
import type { Invocation } from './invocation.ts';
import { repositoryAccess } from './repository-access.ts';

/** Restores sites on a new host from their repository: `backup restore --from`. It needs no configuration, and writes the one in the backup. */
export async function recoverCommand(invocation: Invocation, context: Context): Promise<Result> {
  const { target, options, words } = invocation;
  const [verb] = words;
  if (verb !== 'restore' || options.to !== undefined)
    throw new Problem({
      message: '--from is for a restore on a new host alone.',
      hint: 'foobar-provision backup root@new-host restore --from ADDRESS',
    });
  if (!target)
    throw new Problem({ message: 'No new host was named.', hint: 'foobar-provision backup root@new-host restore --from ADDRESS' });
  const from = repositoryOf(options.from ?? '');
  if (!from)
    throw new Problem({
      message: `${options.from} is not the address of a repository.`,
      hint: 'It is a folder of the host (/mnt/backups), sftp:user@host:/path, or s3:https://host/bucket.',
    });
  const file = options.config ?? 'foobar.config.json';
  if (existsSync(file))
    throw new Problem({
      message: `${file} exists, and the configuration in the backup would replace it.`,
      hint: 'Run this command in an empty folder, or name another file with --config. With the configuration of the sites, set the host up with it, then run: foobar-provision backup restore',
    });
  return recover(
    {
      server: target,
      from,
      id: idOf(invocation),
      site: options.site,
      folder: dirname(resolve(file)),
      file,
      approved: options.yes === true,
      ...(await repositoryAccess(invocation)),
      save: (text) => save(file, text),
    },
    connectOf(invocation),
    context,
  );
}

/** Writes the configuration to a file that only this user can read, because it can contain passwords. */
async function save(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
    throw new Problem({
      message: `${file} cannot be written: ${messageOf(cause)}.`,
      hint: 'Run it in a folder that you may write to, or name a file with --config.',
      cause,
    });
  });
}
