import { type Command, lines, sh } from '../../command/command.ts';
import { reveal, Secret } from '../../command/secret.ts';
import type { Repository } from '../../config/backups.ts';
import { addressOf } from '../../config/backups.ts';
import { bundledLibrary, definitionsOf } from '../../engine/shell-library.ts';
import { Problem } from '../../error.ts';
import type { Output } from '../../transport/transport.ts';
import type { Context, HostSession } from '../session.ts';
import { notSetUp, runJob } from './job.ts';
import { type BackupSecrets, secretNames } from './secrets.ts';

export interface ScheduleRequest {
  /** Secrets that were passed on standard input. */
  readonly secrets: BackupSecrets;
  /** True if the host key of an SFTP server may be accepted without asking. */
  readonly acceptsNew: boolean;
  /** Asks the user for a secret. Undefined if there is no terminal. */
  readonly ask?: ((question: string) => Promise<Secret | undefined>) | undefined;
  /** Shows the passphrase to the user on the terminal. Undefined if there is no terminal. */
  readonly show?: ((passphrase: Secret, where: string) => void) | undefined;
}

const library = bundledLibrary('backup/schedule.sh', bundledLibrary('run/durable.sh'));

/** Prepares the repository: asks for missing secrets, creates it, shows its passphrase once, and says when the next backup runs. */
export async function scheduleBackups(session: HostSession, request: ScheduleRequest, context: Context): Promise<void> {
  const { config, transport } = session;
  const { backups, name } = config;
  const { host } = transport;
  if (!backups) throw notSetUp(name, host);
  const state = await stateOf(session);
  if (!state.has('settings')) throw notSetUp(name, host);
  await storeSecrets(session, await secretsFor(backups.to, state, request, host));
  if (backups.to.kind === 'sftp') await prepareSftp(session, backups.to, state, request, context);
  await runJob(session, ['open'], 'Opening the repository', context);
  await showPassphrase(session, state, request, context);
  const next = (await stateOf(session)).get('next');
  context.emit({
    event: 'note',
    host,
    text: `Backups of ${name} go to ${addressOf(backups.to)}, every night at ${backups.at}${next ? `; the next one is at ${next}` : ''}.`,
  });
}

function onHost(command: Command): Command {
  return lines(definitionsOf([library]), command);
}

/** Resolves to the setup that the host already has, by the names that `backup_state` prints. */
async function stateOf({ transport, config }: HostSession): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await transport.script(onHost(sh`backup_state ${config.name}`));
  return new Map(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [word = '', ...value] = line.split(' ');
        return [word, value.join(' ')];
      }),
  );
}

async function secretsFor(
  to: Repository,
  state: ReadonlyMap<string, string>,
  { secrets, ask }: ScheduleRequest,
  host: string,
): Promise<BackupSecrets> {
  if (to.kind !== 's3' || state.has('keys') || (secrets['key-id'] && secrets.key)) return secrets;
  if (!ask)
    throw new Problem({
      message: `The keys of ${addressOf(to)} are missing.`,
      host,
      hint: 'Pass them on standard input: printf "key-id=…\\nkey=…\\n" | foobar-provision backup schedule --secrets-stdin',
    });
  const keyId = await ask(`Access key ID of ${to.url}`);
  const key = await ask(`Secret access key of ${to.url}`);
  return { ...secrets, ...(keyId && { 'key-id': keyId }), ...(key && { key }) };
}

async function storeSecrets({ transport, config }: HostSession, secrets: BackupSecrets): Promise<void> {
  const given = secretNames.flatMap((name) => {
    const value = secrets[name];
    return value ? [`${name}=${reveal(value)}\n`] : [];
  });
  if (given.length === 0) return;
  const done = await transport.run(onHost(sh`store_backup_secrets ${config.name}`), { input: given.join('') });
  requireDone(done, 'The secrets could not be stored', transport.host);
}

async function prepareSftp(
  { transport, config }: HostSession,
  to: Extract<Repository, { kind: 'sftp' }>,
  state: ReadonlyMap<string, string>,
  { acceptsNew }: ScheduleRequest,
  { emit, confirm }: Context,
): Promise<void> {
  const { host } = transport;
  requireDone(await transport.run(onHost(sh`make_backup_key ${config.name}`)), 'The key for SFTP could not be generated', host);
  if (!state.has('public')) {
    const key = (await transport.script(onHost(sh`backup_state ${config.name}`))).stdout;
    const line = /^public (.*)$/m.exec(key)?.[1] ?? '';
    emit({ event: 'note', host, text: `Add this line to ~${to.user}/.ssh/authorized_keys on ${to.host}:\n${line}` });
    if (confirm && !(await confirm(`Have you added the line?`)))
      throw new Problem({
        message: 'The server of the repository does not have the key yet.',
        host,
        hint: 'Add the line, then run this command again.',
      });
  }
  if (state.has('known-host')) return;
  const { stdout } = await transport.run(onHost(sh`scan_host_key ${to.host} ${to.port}`), { timeout: 60 });
  const [known = '', fingerprint = ''] = stdout.split('\n');
  if (known === '')
    throw new Problem({
      message: `${to.host}:${to.port} did not answer with a host key.`,
      host,
      hint: 'Check the name, the port and the firewall of the server.',
    });
  const question = `The host key of ${to.host} is\n  ${fingerprint}\n  Is this the right server?`;
  if (!acceptsNew && !(await confirm?.(question)))
    throw new Problem({
      message: `The host key of ${to.host} is not known yet: ${fingerprint}.`,
      host,
      hint: 'Compare it with the fingerprint on the server, then accept it with --accept-new.',
    });
  requireDone(
    await transport.run(onHost(sh`pin_host_key ${config.name}`), { input: `${known}\n` }),
    'The host key could not be stored',
    host,
  );
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

function requireDone({ code, stderr }: Output, what: string, host: string): void {
  if (code !== 0)
    throw new Problem({
      message: `${what} on ${host}.`,
      host,
      stderr: stderr.trim(),
      commandExit: code,
      hint: 'Fix the error above, then run this command again.',
    });
}
