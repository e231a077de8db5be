import { sh } from '../../command/command.ts';
import { Secret } from '../../command/secret.ts';
import { addressOf } from '../../config/backups.ts';
import type { Context, HostSession } from '../session.ts';
import { notSetUp, runJob } from './job.ts';
import { onHost, prepareSftp, type RepositoryAccess, secretsFor, stateOf, storeSecrets } from './repository.ts';

export interface ScheduleRequest extends RepositoryAccess {
  /** Shows the passphrase to the user on the terminal. Undefined if there is no terminal. */
  readonly show?: ((passphrase: Secret, where: string) => void) | undefined;
}

/** Prepares the repository: asks for missing secrets, creates it, shows its passphrase once, and says when the next backup runs. */
export async function scheduleBackups(session: HostSession, request: ScheduleRequest, context: Context): Promise<void> {
  const { config, transport } = session;
  const { backups, name } = config;
  const { host } = transport;
  if (!backups) throw notSetUp(name, host);
  const place = { transport, name };
  const state = await stateOf(place);
  if (!state.has('settings')) throw notSetUp(name, host);
  await storeSecrets(place, await secretsFor(backups.to, state, request, host));
  if (backups.to.kind === 'sftp') await prepareSftp(place, backups.to, state, request, context);
  await runJob(session, ['open'], 'Opening the repository', context);
  await showPassphrase(session, state, request, context);
  const next = (await stateOf(place)).get('next');
  context.emit({
    event: 'note',
    host,
    text: `Backups of ${name} go to ${addressOf(backups.to)}, every night at ${backups.at}${next ? `; the next one is at ${next}` : ''}.`,
  });
}

/** Shows the passphrase that the host has generated, once and only on a terminal. Otherwise, tells the user where it is stored. */
async function showPassphrase(
  { transport, config }: HostSession,
  state: ReadonlyMap<string, string>,
  { show, secrets }: ScheduleRequest,
  { emit }: Context,
): Promise<void> {
  if (state.has('shown') || secrets.passphrase) return;
  const { host } = transport;
  const where = `/etc/foobar-provision/secrets/${config.name}.backup`;
  if (show) show(new Secret((await transport.script(onHost(sh`show_passphrase ${config.name}`))).stdout.trim()), where);
  else
    emit({
      event: 'note',
      host,
      text: `Without the passphrase in ${where}, no backup can be restored on another host. Store it elsewhere too.`,
    });
}
