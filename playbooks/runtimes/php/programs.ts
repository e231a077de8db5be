import { directory, type Resource, type Site, symlink } from '../../../src/index.ts';
import { pathsOf } from '../../host/paths.ts';

/** Where `php` is the program of one version, whatever the host's own `php` is. */
const folderOf = (version: string) => `/usr/local/lib/foobar-provision/php/${version}`;

/** Returns the resources of the command `php` of a version. */
export function command(version: string): readonly Resource[] {
  const folder = folderOf(version);
  return [directory('/usr/local/lib/foobar-provision/php'), directory(folder), symlink(`${folder}/php`, { to: `/usr/bin/php${version}` })];
}

/** Returns PATH and HOME for PHP, workers and scheduled commands. HOME is a folder that they can write. */
export function programEnvironment(site: Site, version: string): Readonly<Record<string, string>> {
  return { PATH: `${folderOf(version)}:/usr/local/bin:/usr/bin:/bin`, HOME: pathsOf(site).shared };
}
