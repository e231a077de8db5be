import { posix } from 'node:path';
import { below, type Files } from '../runtimes/detected.ts';

/** Matches a path that only an application with its own installer has: the folder or the script of the installer. */
const installer = /(?:^|\/)(?:web[_-]?)?(?:install|setup)(?:er|ation)?(?:\/|\.php$)|(?:^|\/)Install(?:er|ation)?Controller\.php$/;
const others = /(?:^|\/)(?:vendor|node_modules|tests?)\//;

/** Folders in which applications keep their settings, besides the top folder and the document root. */
const usualFolders = ['app', 'conf', 'config', 'inc', 'include', 'includes', 'settings'];

/**
 * Returns the settings files that the application's own installer will write. These are missing files for which the application includes a
 * sample, such as `config.sample.php`, `config.php.dist` or `.env.example`.
 */
export function writtenSettings(files: Files, docroot: string): readonly string[] {
  if (!files.paths.some((path) => installer.test(path) && !others.test(path))) return [];
  const folders = new Set(['.', docroot].flatMap((folder) => [folder, ...usualFolders.map((name) => below(folder, name))]));
  return [
    ...new Set(
      files.paths.flatMap((path) => {
        const settings = folders.has(posix.dirname(path)) ? settingsOf(posix.basename(path)) : undefined;
        const at = settings === undefined ? undefined : posix.join(posix.dirname(path), settings);
        return at === undefined || files.has(at) ? [] : [at];
      }),
    ),
  ];
}

/**
 * Returns the name of the settings file that a sample is for, or undefined if the file is not a sample. Only PHP and `.env` files count, because
 * visitors could read settings files of other types.
 */
function settingsOf(sample: string): string | undefined {
  if (/^\.env\.(?:example|sample|dist)$/.test(sample)) return '.env';
  const [, name] = /^([\w-]+(?:\.inc)?)[._-](?:sample|example|default|dist)\.php$/.exec(sample) ?? [];
  if (name !== undefined) return `${name}.php`;
  return /^([\w-]+(?:\.inc)?\.php)[._-](?:sample|example|default|dist)$/.exec(sample)?.[1];
}
