import { type Command, lines, sh } from '../command/command.ts';
import { bundledLibrary, definitionsOf } from '../engine/shell-library.ts';

const follow = bundledLibrary('backup/follow.sh');

/** The program on the host that makes, proves and restores backups. */
export const backupProgramPath = '/usr/local/lib/foobar-provision/backup';

/** Returns a script that starts a job of the configuration with this name, and follows it to its end. */
export function jobScript(name: string, words: readonly string[]): Command {
  return lines(definitionsOf([follow]), sh`start_backup_job ${name} ${words}`);
}

/** What a job has said, and how it ended. `refused`: it could not start. */
export type JobOutcome =
  | { readonly kind: 'ended'; readonly code: number; readonly said: readonly string[] }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'interrupted'; readonly said: readonly string[] };

/** Reads the lines of a job, and reports each but the last. */
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
