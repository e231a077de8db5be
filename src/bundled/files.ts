import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, sh, withInput } from '../command/command.ts';
import { shellText } from '../command/shell-text.ts';

/** The path of this package's folder `files/`, regardless of where the bundler has put the code. */
export const filesFolder = findFilesFolder(dirname(fileURLToPath(import.meta.url)));

function findFilesFolder(folder: string): string {
  const marker = join(folder, 'files', 'run', 'journal.sh');
  if (existsSync(marker)) return join(folder, 'files');
  if (dirname(folder) === folder) throw new Error('this installation has no folder files/');
  return findFilesFolder(dirname(folder));
}

const texts = new Map<string, string>();

/** Returns the text of a file in `files/`. It never changes within an installation, so playbooks may use it. */
export function bundled(path: string): string {
  const text = texts.get(path) ?? readFileSync(join(filesFolder, path), 'utf8');
  texts.set(path, text);
  return text;
}

/** Returns a bundled shell file as a command. */
export function bundledShell(path: string): Command {
  return shellText(bundled(path).trimEnd());
}

/** Returns a command that runs a bundled Perl file with these arguments. */
export function bundledPerl(path: string, ...words: readonly (string | Command)[]): Command {
  return withInput(sh`perl - ${words}`, bundled(path), 'FOOBAR_PROVISION_PERL');
}
