import { type Command, lines, sh } from '../../command/command.ts';
import { reveal, type Secret } from '../../command/secret.ts';
import { addressOf, type Repository } from '../../config/backups.ts';
import { bundledLibrary, definitionsOf } from '../../engine/shell-library.ts';
import { Problem } from '../../error.ts';
import type { Output, Transport } from '../../transport/transport.ts';
import type { Context } from '../session.ts';
import { type BackupSecrets, secretNames } from './secrets.ts';

/** What the user provides to reach a repository. */
export interface RepositoryAccess {
  /** Secrets that were passed on standard input. */
  readonly secrets: BackupSecrets;
  /** True if the host key of an SFTP server may be accepted without asking. */
  readonly acceptsNew: boolean;
  /** Asks the user for a secret. Undefined if there is no terminal. */
  readonly ask?: ((question: string) => Promise<Secret | undefined>) | undefined;
}

/** The host, and the name under which it has the secrets of a repository. */
interface Place {
  readonly transport: Transport;
  readonly name: string;
}

const library = bundledLibrary('backup/schedule.sh', bundledLibrary('run/durable.sh'));

export function onHost(command: Command): Command {
  return lines(definitionsOf([library]), command);
}

/** Resolves to the setup that the host already has, by the names that `backup_state` prints. */
export async function stateOf({ transport, name }: Place): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await transport.script(onHost(sh`backup_state ${name}`));
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

/** Returns the secrets that were passed, and asks for the keys of S3 if the host has none. */
export async function secretsFor(
  to: Repository,
  state: ReadonlyMap<string, string>,
  { secrets, ask }: RepositoryAccess,
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

/** Stores these secrets of a repository on the host. */
export async function storeSecrets({ transport, name }: Place, secrets: BackupSecrets): Promise<void> {
  const given = secretNames.flatMap((each) => {
    const value = secrets[each];
    return value ? [`${each}=${reveal(value)}\n`] : [];
  });
  if (given.length === 0) return;
  const done = await transport.run(onHost(sh`store_backup_secrets ${name}`), { input: given.join('') });
  requireDone(done, 'The secrets could not be stored', transport.host);
}

/** Generates the host's key for an SFTP server, shows it, and pins the server's host key after the user has confirmed it. */
export async function prepareSftp(
  { transport, name }: Place,
  to: Extract<Repository, { kind: 'sftp' }>,
  state: ReadonlyMap<string, string>,
  { acceptsNew }: RepositoryAccess,
  { emit, confirm }: Context,
): Promise<void> {
  const { host } = transport;
  requireDone(await transport.run(onHost(sh`make_backup_key ${name}`)), 'The key for SFTP could not be generated', host);
  if (!state.has('public')) {
    const key = (await transport.script(onHost(sh`backup_state ${name}`))).stdout;
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
  requireDone(await transport.run(onHost(sh`pin_host_key ${name}`), { input: `${known}\n` }), 'The host key could not be stored', host);
}

/** Throws a Problem if the command failed. */
export function requireDone({ code, stderr }: Output, what: string, host: string): void {
  if (code !== 0)
    throw new Problem({
      message: `${what} on ${host}.`,
      host,
      stderr: stderr.trim(),
      commandExit: code,
      hint: 'Fix the error above, then run this command again.',
    });
}
