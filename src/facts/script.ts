import { bundledPerl, bundledShell } from '../bundled/files.ts';
import { type Command, inParallel, lines, sh } from '../command/command.ts';
import { sitesFolder, stateFolder } from '../host-paths.ts';
import { writtenOptions } from './database.ts';

/** Where a run writes, or what it installs does; each may be a file system of its own. */
const writtenPaths = ['/', '/usr', '/var', '/var/cache', '/var/lib', stateFolder, '/var/tmp', '/srv', sitesFolder];

/** What the facts are asked of packages. */
export interface AskedPackages {
  /** Those whose versions count, installed or not; in a list of its own, those of which one is enough. */
  readonly packages: readonly (string | readonly string[])[];
  /** Those of which only what is installed counts. */
  readonly presence?: readonly string[];
}

/**
 * Reads the facts, and keeps nothing on the host but, where its package lists are empty or old, fresh ones in a private folder
 * whose path is printed; whoever asked removes it or has the run put it in place.
 * What is installed is not looked up again, and what only counts where it is installed is not looked up at all.
 */
export function factsScript({ packages, presence = [] }: AskedPackages): Command {
  const names = [...new Set(packages.flat())];
  const groups = packages.flatMap((each) => (typeof each === 'string' ? [] : [each.join(' ')]));
  return lines(
    bundledShell('facts/section.sh'),
    atOnce([
      lines(bundledShell('facts/packages.sh'), sh`read_packages ${names.join(' ')} ${presence.join(' ')} ${[...new Set(groups)]}`),
      lines(bundledShell('facts/access.sh'), sh`read_access`),
      lines(bundledShell('facts/host.sh'), sh`read_host`, sh`read_space ${writtenPaths}`, sh`read_nginx`),
      lines(bundledShell('run/database.sh'), bundledShell('facts/database.sh'), sh`read_database_server ${writtenOptions.join('|')}`),
      sh`[ ! -d /etc/nginx ] || { section nginx-paths; timeout 20 ${bundledPerl('run/nginx-paths.pl')}\n}`,
    ]),
  );
}
