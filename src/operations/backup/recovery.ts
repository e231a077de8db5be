import { posix } from 'node:path';
import { parseSnapshots, type Snapshot } from '../../backups/snapshots.ts';
import { type Command, lines, sh } from '../../command/command.ts';
import { addressOf, type Repository } from '../../config/backups.ts';
import { bundledLibrary, definitionsOf } from '../../engine/shell-library.ts';
import { Problem } from '../../error.ts';
import type { Output, RunOptions, Transport } from '../../transport/transport.ts';

const library = bundledLibrary(
  'backup/recover.sh',
  bundledLibrary('backup/repository.sh'),
  bundledLibrary('backup/schedule.sh', bundledLibrary('run/durable.sh')),
);

/** A download of a large application may take this long. */
const timeoutSeconds = 6 * 3600;

/** The name under which a host has the secrets of the repository until the name of the configuration is known. */
export const recoveryName = 'recovery';

/** A repository that a host reads without having a configuration. */
export class Recovery {
  constructor(
    private readonly transport: Transport,
    private readonly repository: Repository,
    private readonly signal: AbortSignal,
  ) {}

  /** Installs what reads the repository. */
  async install(): Promise<void> {
    const { kind } = this.repository;
    const packages = ['restic', ...(kind === 'sftp' ? ['openssh-client'] : []), ...(kind === 's3' ? ['ca-certificates'] : [])];
    await this.run(
      sh`install_for_recovery ${packages}`,
      'restic could not be installed',
      'Fix the error above, then run this command again.',
    );
  }

  /** Resolves to the backups in the repository, newest first. */
  async list(): Promise<readonly Snapshot[]> {
    const { stdout } = await this.run(
      sh`list_recoverable`,
      `The repository ${addressOf(this.repository)} could not be read`,
      'Check the address, the passphrase and the keys, then run this command again.',
    );
    return parseSnapshots(stdout);
  }

  /** Resolves to a file of a backup, or writes it, or a folder as a tar archive, to a stream. */
  async print(id: string, path: string, options: Pick<RunOptions, 'output'> = {}): Promise<string> {
    const what = `${posix.basename(path)} of the backup ${id} could not be read`;
    return (await this.run(sh`print_recoverable ${id} ${path}`, what, 'The output above says why.', options)).stdout;
  }

  /** Stores the secrets and the variables of a site on the host, except those that it already has. */
  async recoverSecrets(id: string, name: string, domain: string): Promise<void> {
    await this.run(
      sh`recover_secrets ${id} ${name} ${domain}`,
      `The secrets of ${domain} could not be restored`,
      'The output above says why.',
    );
  }

  /** Gives the secrets of the repository the name of the configuration. */
  async adopt(name: string): Promise<void> {
    await this.run(sh`adopt_recovery ${name}`, 'The secrets of the repository could not be stored', 'The output above says why.');
  }

  /** Removes the secrets of the repository, unless they were adopted. */
  async forget(): Promise<void> {
    await this.transport.run(this.script(sh`forget_recovery`)).catch(() => {});
  }

  /** Resolves to whether the host already has backups of this configuration. */
  async isSetUp(name: string): Promise<boolean> {
    return (await this.transport.run(this.script(sh`has_backups ${name}`))).code === 0;
  }

  private script(command: Command): Command {
    const { repository } = this;
    const { user, host, port } = repository.kind === 'sftp' ? repository : { user: '', host: '', port: 22 };
    return lines(definitionsOf([library]), sh`use_recovery ${addressOf(repository)} ${repository.kind} ${user} ${host} ${port}`, command);
  }

  private async run(command: Command, what: string, hint: string, options: Pick<RunOptions, 'output'> = {}): Promise<Output> {
    const { host } = this.transport;
    const output = await this.transport.run(this.script(command), { ...options, timeout: timeoutSeconds, signal: this.signal });
    if (output.code === 0) return output;
    throw new Problem({ message: `${what} on ${host}.`, host, stderr: output.stderr.trim(), commandExit: output.code, hint });
  }
}
