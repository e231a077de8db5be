import { posix } from 'node:path';
import { below, type Files } from '../runtimes/detected.ts';

/** A folder that only an application with an installer of its own has, or the script of such an installer. */
const installer = /(?:^|\/)(?:web[_-]?)?(?:install|setup)(?:er|ation)?(?:\/|\.php$)|(?:^|\/)Install(?:er|ation)?Controller\.php$/;
const others = /(?:^|\/)(?:vendor|node_modules|tests?)\//;

/** Where an application looks for its settings, besides its own folder. */
const usualFolders = ['app', 'conf', 'config', 'inc', 'include', 'includes', 'settings'];

/**
 * Returns the settings files that the application's own installer will write: those of which the application brings a sample only. It is
 * recognized by the names of its files: `config.sample.php`, `config.php.dist`, `.env.example`.
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

/** Returns the name of the file that a file is a sample of. A visitor could read settings of another kind than PHP and `.env`. */
function settingsOf(sample: string): string | undefined {
  if (/^\.env\.(?:example|sample|dist)$/.test(sample)) return '.env';
  const [, name] = /^([\w-]+(?:\.inc)?)[._-](?:sample|example|default|dist)\.php$/.exec(sample) ?? [];
  if (name !== undefined) return `${name}.php`;
  return /^([\w-]+(?:\.inc)?\.php)[._-](?:sample|example|default|dist)$/.exec(sample)?.[1];
}
