import { bundled } from '../../bundled/files.ts';
import { below, type Files } from '../../runtimes/detected.ts';
import { filesIn, type Needs } from './framework.ts';
import { frameworks } from './index.ts';

/** An application that a framework knows, and the folder in which it lies. */
export interface Known {
  readonly name: string;
  /** `.` for all that there is. */
  readonly folder: string;
  readonly needs: Needs;
}

/** Where an application may lie in what is sent, besides all of it. */
const usualFolders = ['public', 'web', 'htdocs', 'public_html', 'httpdocs', 'www', 'docroot', 'html', 'upload', 'src'];

/** What the files are, in their own folder or in one of the usual ones; undefined where no framework knows them. */
export function knownIn(files: Files, folders: readonly string[] = ['.', ...usualFolders]): Known | undefined {
  for (const folder of folders) {
    const inside = filesIn(files, folder);
    for (const { name, recognise } of frameworks) {
      const needs = recognise(inside);
      if (needs) return { name, folder, needs };
    }
  }
  return undefined;
}

/** Applications in folders of the one that is served: WordPress in `blog/`. */
export function nestedIn(files: Files, docroot: string): readonly Known[] {
  const prefix = docroot === '.' ? '' : `${docroot}/`;
  const folders = files.paths.flatMap((path) =>
    path.startsWith(prefix) ? (/^([A-Za-z0-9_-][A-Za-z0-9_.-]*)\/index\.php$/.exec(path.slice(prefix.length))?.[1] ?? []) : [],
  );
  return folders.flatMap((folder) => {
    const known = knownIn(files, [`${prefix}${folder}`]);
    return known && (known.needs.docroot ?? '.') === '.' ? [known] : [];
  });
}

/** The address of one of these. */
export function addressOf({ folder }: Known, docroot: string): string {
  return `/${docroot === '.' ? folder : folder.slice(docroot.length + 1)}/`;
}

/**
 * What is sent of it, as patterns of `.gitignore` for all that there is: a pattern that begins with `/` holds in the application's own
 * folder.
 */
export function sendingRules({ folder, needs: { sent = [], neverSent = [] } }: Known): readonly string[] {
  const inFolder = (pattern: string) => (folder !== '.' && pattern.startsWith('/') ? `/${folder}${pattern}` : pattern);
  return [
    ...sent.map((pattern) => `!${inFolder(pattern)}`),
    ...neverSent.map((pattern) => (pattern.startsWith('!') ? `!${inFolder(pattern.slice(1))}` : inFolder(pattern))),
  ];
}

/** The links that it has in a release. */
export function linksIn({ folder, needs: { links = {} } }: Known): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(links).map(([path, target]) => [below(folder, path), target]));
}

/** The files that it has in a release where none is sent, with their text. */
export function filesOf({ folder, needs: { files = {} } }: Known): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([path, name]) => [below(folder, path), bundled(name)]));
}

/** Paths of its folder as all of the application has them. */
export function pathsIn({ folder }: Known, paths: readonly string[] = []): readonly string[] {
  return paths.map((path) => below(folder, path));
}
