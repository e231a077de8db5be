import { releasesText } from '../bundled/files.ts';
import { bundledLibrary, type ShellLibrary } from './shell-library.ts';

/** What every run is made of, whatever it changes: another run may be the one whose end it sees to. */
export const everyRun: readonly ShellLibrary[] = [
  'durable',
  'leftovers',
  'journal',
  'lock',
  'manifest',
  'handlers',
  'files',
  'units',
  'package-record',
  'lockout',
  'guard',
  'steps',
  'history',
  'prune',
  'ending',
].map((name) => bundledLibrary(`run/${name}.sh`));

export const checkers = bundledLibrary('run/checkers.sh');
export const lockHolder = bundledLibrary('run/lock-holder.sh');
export const database = bundledLibrary('run/database.sh');
export const apt = bundledLibrary('run/apt.sh', lockHolder);
export const purge = bundledLibrary('run/purge.sh', apt, database);

/** What knows the files of releases. */
export const releases: ShellLibrary = { name: 'run/release.pl', text: releasesText, needs: [] };

/** A folder of root's for what a reader keeps for a moment. */
export const privateFolder = bundledLibrary('read/private.sh');
/** Copies of files with the host's secrets as their placeholders, and the other way round. */
export const secretPlaces = bundledLibrary('read/secrets.sh');
