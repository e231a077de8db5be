import { backupProgramPath } from '../../backups/job.ts';
import { backupRecordScript, parseBackupRecords } from '../../backups/record.ts';
import { parseSnapshots, type Snapshot } from '../../backups/snapshots.ts';
import { sh } from '../../command/command.ts';
import { Problem } from '../../error.ts';
import type { Context, HostSession } from '../session.ts';

const timeoutSeconds = 120;

/** Shows the backups of these sites, newest first, and which one last passed a drill. Resolves to the number of backups in the repository. */
export async function listBackups(session: HostSession, domains: readonly string[], { emit }: Context): Promise<number> {
  const { transport } = session;
  const [found, records] = await Promise.all([
    readSnapshots(session),
    transport.script(backupRecordScript(domains)).then(({ stdout }) => parseBackupRecords(stdout)),
  ]);
  for (const site of domains) {
    const backups = found.filter((each) => each.site === site);
    const proven = records.get(site)?.lastProven;
    emit({ event: 'backups', host: transport.host, site, backups, ...(proven && { proven }) });
  }
  return found.length;
}

async function readSnapshots({ transport, config }: HostSession): Promise<readonly Snapshot[]> {
  const { host } = transport;
  const { stdout, stderr, code } = await transport.run(sh`${backupProgramPath} ${config.name} list`, { timeout: timeoutSeconds });
  if (code === 0) return parseSnapshots(stdout);
  throw new Problem({
    message: `The repository of ${config.name} could not be read.`,
    host,
    stderr: stderr.trim(),
    commandExit: code,
    hint: 'If there is no backup yet, make the first one: foobar-provision backup now',
  });
}
