import { template } from '../../src/index.ts';

/** Returns the text of the backup program, including the shell functions that it shares with provisioning runs. */
export function backupProgram(): string {
  const part = (name: string) => template(`backup/${name}.sh`).trimEnd();
  const ofRuns = (name: string) => template(`run/${name}.sh`).trimEnd();
  return template('backup/backup.sh', {
    durable: ofRuns('durable'),
    database: ofRuns('database'),
    client: ofRuns('client'),
    adapt: ofRuns('dump'),
    user: ofRuns('as-user'),
    confined: ofRuns('confined'),
    ...Object.fromEntries(
      ['report', 'repository', 'dump', 'snapshot', 'live', 'scratch', 'drill', 'restore', 'switch'].map((name) => [name, part(name)]),
    ),
  });
}
