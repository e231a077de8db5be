import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, sh, withInput } from '../command/command.ts';
import { shellText } from '../command/shell-text.ts';

/** The folder `files/` of this package, wherever the bundler has put the code. */
export const filesFolder = find(dirname(fileURLToPath(import.meta.url)));

function find(folder: string): string {
  const here = join(folder, 'files', 'run', 'journal.sh');
  if (existsSync(here)) return join(folder, 'files');
  if (dirname(folder) === folder) throw new Error('this installation has no folder files/');
  return find(dirname(folder));
}

const texts = new Map<string, string>();

/** The text of a file that comes with this package. Constant for an installation, so playbooks may use it. */
export function bundled(path: string): string {
  const known = texts.get(path) ?? readFileSync(join(filesFolder, path), 'utf8');
  texts.set(path, known);
  return known;
}

/** A bundled file of shell as a command. */
export function bundledShell(path: string): Command {
  return shellText(bundled(path).trimEnd());
}

/** Runs a bundled file of Perl with these arguments. */
export function bundledPerl(path: string, ...words: readonly (string | Command)[]): Command {
  return withInput(sh`perl - ${words}`, bundled(path), 'FOOBAR_PROVISION_PERL');
}
