import { JobReader, jobScript } from '../../backups/job.ts';
import { exitCode, Problem } from '../../error.ts';
import type { Context, HostSession } from '../session.ts';

/** A job may take 12 hours, the same limit that its unit has on the host. */
const timeoutSeconds = 12 * 3600;

/** Runs a job on the host and shows its output. The job continues on the host if this process ends. Rejects with a Problem if the job fails. */
export async function runJob(
  { transport, config }: HostSession,
  words: readonly string[],
  what: string,
  { emit, signal }: Context,
): Promise<void> {
  const { host } = transport;
  const reader = new JobReader((text) => emit({ event: 'stage', host, text }));
  const { code, stderr } = await transport.run(jobScript(config.name, words), {
    timeout: timeoutSeconds,
    onLine: (line) => reader.read(line),
    signal,
  });
  const { outcome } = reader;
  switch (outcome.kind) {
    case 'unknown':
      throw notSetUp(config.name, host);
    case 'busy':
      throw new Problem({
        message: `Another backup, drill or restore is in progress on ${host}.`,
        host,
        hint: 'Wait until it has ended, then run this command again.',
        exit: exitCode.locked,
      });
    case 'interrupted':
      throw new Problem({
        message: `${what} was interrupted on ${host}.`,
        host,
        commandExit: code,
        stderr: [...outcome.said.slice(-4), stderr.trim()].filter(Boolean).join('\n'),
        hint: `Read the log on the host: journalctl -u 'foobar-provision-backup-${config.name}@*'`,
      });
    case 'ended':
      if (outcome.code === exitCode.done) return;
      throw new Problem({
        message: `${what} failed on ${host}.`,
        host,
        commandExit: outcome.code,
        stderr: outcome.said.slice(-8).join('\n'),
        hint: 'Its output above says why.',
        ...(outcome.code === exitCode.locked && { exit: exitCode.locked }),
      });
  }
}

export function notSetUp(name: string, host: string): Problem {
  return new Problem({
    message: `${host} has no backups of ${name}.`,
    host,
    hint: "Set backups: { to: '/mnt/backups' } (or SFTP, or S3) in the configuration, and run foobar-provision.",
  });
}
