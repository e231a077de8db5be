import { bundledPerl } from '../bundled/files.ts';
import { template } from '../bundled/template.ts';
import { sh, withInput } from '../command/command.ts';
import { certificatesFolder, rulesFolder, sitesFolder, stateFolder } from '../host-paths.ts';
import { bundledLibrary, type ShellLibrary } from './shell-library.ts';

/** Sets the variable with the folder of the rules of releases. */
const rulesVariable: ShellLibrary = { name: 'RULES', definitions: () => sh`RULES=${rulesFolder}`, needs: [] };

/** The libraries that every run needs, whatever it changes, because it may have to finish an earlier run. */
export const everyRun: readonly ShellLibrary[] = [
  rulesVariable,
  ...[
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
    'parts',
    'history',
    'prune',
    'ending',
  ].map((name) => bundledLibrary(`run/${name}.sh`)),
];

/** Computes a digest of everything that runs have recorded on a host. Both the survey and the run use it. */
const base = bundledLibrary('run/base.sh');
const reserve = bundledLibrary('run/reserve.sh');
export const leftovers = bundledLibrary('run/leftovers.sh', rulesVariable);
/** Lets a client follow a run. */
export const follow = bundledLibrary('handover/follow.sh');
export const launch = bundledLibrary('handover/launch.sh', reserve, follow);

export const checkers = bundledLibrary('run/checkers.sh');
export const lockHolder = bundledLibrary('run/lock-holder.sh');
export const database = bundledLibrary('run/database.sh');

/**
 * The record of the packages that are being unpacked and have not been synced yet; see files/run/dpkg.sh. It is absent at all other times.
 */
export const unsyncedPackages = `${stateFolder}/unsynced`;
/** Defines the shell function `print_dpkg`, which prints the program that apt runs in place of dpkg. */
const dpkg: ShellLibrary = {
  name: 'run/dpkg.sh',
  definitions: () => {
    const program = template('run/dpkg.sh', { unsynced: unsyncedPackages, folder: stateFolder });
    return sh`print_dpkg() {\n${withInput(sh`cat`, program, 'FOOBAR_PROVISION_DPKG')}\n}`;
  },
  needs: [],
};
export const apt = bundledLibrary('run/apt.sh', lockHolder, dpkg);
export const purge = bundledLibrary('run/purge.sh', apt, database);

/** Sets the variables with the paths of sites and certificates. */
export const sitesVariable: ShellLibrary = { name: 'SITES', definitions: () => sh`SITES=${sitesFolder}`, needs: [] };
export const certificatesVariable: ShellLibrary = {
  name: 'CERTIFICATES',
  definitions: () => sh`CERTIFICATES=${certificatesFolder}`,
  needs: [],
};

/** Defines the shell function `make_changes`, which makes the changes on its standard input. */
const makeChanges: ShellLibrary = {
  name: 'run/changes.pl',
  definitions: () => sh`make_changes() {\n${bundledPerl('run/changes.pl', sh`4<&0`)}\n}`,
  needs: [],
};
/** Makes several changes durably in one process. */
export const changes = bundledLibrary('run/changes.sh', makeChanges);

/** Defines the shell function `releases`, which runs the program that handles release files. */
export const releases: ShellLibrary = {
  name: 'run/release.pl',
  definitions: () => sh`releases() {\n${bundledPerl('run/release.pl', sh`"$@"`)}\n}`,
  needs: [],
};

/** Lists a site's releases and their records. */
export const listReleases = bundledLibrary('read/releases.sh');
/** Receives an application's files. */
export const arrive = bundledLibrary('handover/arrive.sh', leftovers, releases);
/** Reads this program's records for a survey. */
export const memory = bundledLibrary('read/memory.sh', bundledLibrary('facts/section.sh'), base, leftovers);

/** Stores the script that reads a host, so that the next command can run it there before it has sent a script. */
export const ahead = bundledLibrary('read/ahead.sh', bundledLibrary('run/durable.sh'), sitesVariable);

/** Creates a private temporary folder for a reader. */
export const privateFolder = bundledLibrary('read/private.sh');
/** Replaces the host's secrets in files by placeholders, and the reverse. */
export const secretPlaces = bundledLibrary('read/secrets.sh');
