import { bundled } from '../../bundled/files.ts';
import { below, type Detected, type Files } from '../../runtimes/detected.ts';
import { filesIn, type Needs } from './framework.ts';
import { frameworks } from './index.ts';

/** An application that a framework recognizes, and its folder. */
export interface Known {
  readonly name: string;
  /** `.` for the whole folder that is sent. */
  readonly folder: string;
  readonly needs: Needs;
}

/** The folders in which an application is usually found. */
const usualFolders = ['public', 'web', 'htdocs', 'public_html', 'httpdocs', 'www', 'docroot', 'html', 'upload', 'src'];

/** Returns the application in the whole folder or in one of the usual folders, or undefined if no framework recognizes one. */
export function knownIn(files: Files, folders: readonly string[] = ['.', ...usualFolders]): Known | undefined {
  for (const folder of folders) {
    const inside = filesIn(files, folder);
    for (const { name, recognize } of frameworks) {
      const needs = recognize(inside);
      if (needs) return { name, folder, needs };
    }
  }
  return undefined;
}

/** Returns the applications in folders of the served folder: WordPress in `blog/`. */
export function nestedIn(files: Files, docroot: string): readonly Known[] {
  const prefix = docroot === '.' ? '' : `${docroot}/`;
  const fronts = files.paths.filter((path) => path.endsWith('/index.php') && path.startsWith(prefix));
  const folders = fronts.flatMap((path) => /^([A-Za-z0-9_-][A-Za-z0-9_.-]*)\/index\.php$/.exec(path.slice(prefix.length))?.[1] ?? []);
  return folders.flatMap((folder) => {
    const known = knownIn(files, [`${prefix}${folder}`]);
    return known && (known.needs.docroot ?? '.') === '.' ? [known] : [];
  });
}

/** Returns the address of a nested application. */
export function addressOf({ folder }: Known, docroot: string): string {
  return `/${docroot === '.' ? folder : folder.slice(docroot.length + 1)}/`;
}

/**
 * Returns which of its files are sent, as `.gitignore` patterns for the whole folder. A pattern that begins with `/` applies in the
 * application's own folder.
 */
export function sendingRules({ folder, needs: { sent = [], neverSent = [] } }: Known): readonly string[] {
  const inFolder = (pattern: string) => (folder !== '.' && pattern.startsWith('/') ? `/${folder}${pattern}` : pattern);
  return [
    ...sent.map((pattern) => `!${inFolder(pattern)}`),
    ...neverSent.map((pattern) => (pattern.startsWith('!') ? `!${inFolder(pattern.slice(1))}` : inFolder(pattern))),
  ];
}

/** Returns the links that it has in a release. */
export function linksIn({ folder, needs: { links = {} } }: Known): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(links).map(([path, target]) => [below(folder, path), target]));
}

/** Returns the files that it has in a release even if they are not sent, with their text. */
export function filesOf({ folder, needs: { files = {} } }: Known): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([path, name]) => [below(folder, path), bundled(name)]));
}

/** Returns what it needs before and after its installer runs, its keys and variables, and how its database is kept. */
export function installationOf(known: Known): Pick<Detected, 'installerFolder' | 'keys' | 'variables' | 'databaseFile' | 'migrate'> {
  const { installerFolder, keys, variables, databaseFile, migrate } = known.needs;
  const at = (path: string) => below(known.folder, path);
  return {
    ...(databaseFile !== undefined && { databaseFile: at(databaseFile) }),
    ...(migrate && {
      migrate: {
        command: known.folder === '.' ? migrate.command : `cd ${known.folder} && ${migrate.command}`,
        paths: migrate.paths.map(at),
      },
    }),
    ...(keys && { keys: Object.fromEntries(Object.entries(keys).map(([name, files]) => [name, files.map(at)])) }),
    ...(variables && { variables: { values: inFolder(variables.values, known.folder), unless: at(variables.unless) } }),
    ...(installerFolder && {
      installerFolder: {
        ...installerFolder,
        folder: at(installerFolder.folder),
        once: at(installerFolder.once),
        ...(installerFolder.lock !== undefined && { lock: at(installerFolder.lock) }),
      },
    }),
  };
}

/** Converts paths relative to its folder to paths in the whole folder. */
export function pathsIn({ folder }: Known, paths: readonly string[] = []): readonly string[] {
  return paths.map((path) => below(folder, path));
}

/** Returns the values of variables for an application in a folder. */
function inFolder(values: Readonly<Record<string, string>>, folder: string): Readonly<Record<string, string>> {
  if (folder === '.') return values;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value.replaceAll('{application}', `{application}/${folder}`)]),
  );
}
