import { bundledPerl, bundledShell } from '../bundled/files.ts';
import { type Command, inParallel, lines, sh } from '../command/command.ts';
import { sitesFolder, stateFolder } from '../host-paths.ts';
import { writtenOptions } from './database.ts';

/** The folders that runs and installed packages write to. Each may be a file system of its own. */
const writtenPaths = ['/', '/usr', '/var', '/var/cache', '/var/lib', stateFolder, '/var/tmp', '/srv', sitesFolder];

/** The packages that the facts must cover. */
export interface PackageQuery {
  /** Packages whose versions are needed, installed or not. A nested list names alternatives, of which one is enough. */
  readonly packages: readonly (string | readonly string[])[];
  /** Packages of which only the installed version is needed. */
  readonly presence?: readonly string[];
}

/**
 * Returns a script that reads the facts. If the host's package lists are empty or old, it fetches new ones into a private folder and
 * prints its path; the caller removes the folder or lets the run put the lists in place. It writes nothing else.
 * It does not look up candidates for installed packages, or for packages that matter only when installed.
 */
export function factsScript({ packages, presence = [] }: PackageQuery): Command {
  const names = [...new Set(packages.flat())];
  const groups = packages.flatMap((each) => (typeof each === 'string' ? [] : [each.join(' ')]));
  return lines(
    bundledShell('facts/section.sh'),
    inParallel([
      lines(bundledShell('facts/packages.sh'), sh`read_packages ${names.join(' ')} ${presence.join(' ')} ${[...new Set(groups)]}`),
      lines(bundledShell('facts/access.sh'), sh`read_access`),
      lines(bundledShell('facts/host.sh'), sh`read_host`, sh`read_space ${writtenPaths}`),
      lines(bundledShell('run/database.sh'), bundledShell('facts/database.sh'), sh`read_database_server ${writtenOptions.join('|')}`),
      lines(
        sh`[ ! -d /etc/nginx ] || { section nginx; timeout 10 ${bundledPerl('facts/nginx.pl')}`,
        sh`section nginx-paths; timeout 20 ${bundledPerl('run/nginx-paths.pl')}\n}`,
        bundledShell('facts/refusal.sh'),
        sh`read_refusal`,
      ),
    ]),
  );
}
