import { bundledPerl } from '../bundled/files.ts';
import { sh } from '../command/command.ts';
import { certificatesFolder, sitesFolder } from '../host-paths.ts';
import { bundledLibrary, type ShellLibrary } from './shell-library.ts';

/** What every run is made of, whatever it changes: another run may be the one whose end it sees to. */
export const everyRun: readonly ShellLibrary[] = [
  'durable',
  'leftovers',
  'journal',
  'base',
  'reserve',
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

/** A sum of all that runs have recorded on a host. A look at the host and a run compare it, so that both have this one. */
const base = bundledLibrary('run/base.sh');
const reserve = bundledLibrary('run/reserve.sh');
export const leftovers = bundledLibrary('run/leftovers.sh');
/** A run is followed by somebody, and handed to the host. */
export const follow = bundledLibrary('handover/follow.sh');
export const launch = bundledLibrary('handover/launch.sh', reserve, follow);

export const checkers = bundledLibrary('run/checkers.sh');
export const lockHolder = bundledLibrary('run/lock-holder.sh');
export const database = bundledLibrary('run/database.sh');
export const apt = bundledLibrary('run/apt.sh', lockHolder);
export const purge = bundledLibrary('run/purge.sh', apt, database);

/** Variables that tell where sites and certificates are. */
export const sitesVariable: ShellLibrary = { name: 'SITES', definitions: () => sh`SITES=${sitesFolder}`, needs: [] };
export const certificatesVariable: ShellLibrary = {
  name: 'CERTIFICATES',
  definitions: () => sh`CERTIFICATES=${certificatesFolder}`,
  needs: [],
};

/** The shell function `releases`, which knows the files of releases. */
export const releases: ShellLibrary = {
  name: 'run/release.pl',
  definitions: () => sh`releases() {\n${bundledPerl('run/release.pl', sh`"$@"`)}\n}`,
  needs: [],
};

/** What is known of a site's releases. */
export const listReleases = bundledLibrary('read/releases.sh');
/** Takes an application's files. */
export const arrive = bundledLibrary('handover/arrive.sh', leftovers, releases);
/** What a look at a host asks of our own records there. */
export const memory = bundledLibrary('read/memory.sh', bundledLibrary('facts/section.sh'), base, leftovers);

/** A folder of root's for what a reader keeps for a moment. */
export const privateFolder = bundledLibrary('read/private.sh');
/** Copies of files with the host's secrets as their placeholders, and the other way round. */
export const secretPlaces = bundledLibrary('read/secrets.sh');
