import { type Command, lines, sh } from '../command/command.ts';
import { bundledLibrary, definitionsOf } from '../engine/shell-library.ts';

const follow = bundledLibrary('backup/follow.sh');

/** The path of the program on the host that makes, tests and restores backups. */
export const backupProgramPath = '/usr/local/lib/foobar-provision/backup';

/** Returns a script that starts a backup job for the configuration with this name, and prints its output until it ends. */
export function jobScript(name: string, words: readonly string[]): Command {
  return lines(definitionsOf([follow]), sh`start_backup_job ${name} ${words}`);
}

/**
 * How a job ended, and the lines that it printed. `busy`: another job is in progress. `unknown`: the host has no backups of this configuration.
 * `interrupted`: the output stopped without an exit code.
 */
export type JobOutcome =
  | { readonly kind: 'ended'; readonly code: number; readonly said: readonly string[] }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'interrupted'; readonly said: readonly string[] };

/** Reads the output of a job. Passes each line to `onLine`, except the line that says how the job ended. */
export class JobReader {
  private readonly said: string[] = [];
  private end: JobOutcome | undefined;

  constructor(private readonly onLine: (line: string) => void) {}

  read(line: string): void {
    if (line === '#busy') this.end = { kind: 'busy' };
    else if (line === '#unknown') this.end = { kind: 'unknown' };
    else if (line.startsWith('#end ')) this.end = { kind: 'ended', code: Number(line.slice(5)), said: this.said };
    else {
      this.said.push(line);
      this.onLine(line);
    }
  }

  get outcome(): JobOutcome {
    return this.end ?? { kind: 'interrupted', said: this.said };
  }
}
