import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

/** The text of one function of such a file, for a script that shares nothing else with it. */
export function bundledFunction(path: string, name: string): string {
  const [text] = new RegExp(`^${name}\\(\\) [({]$[^]*?^[)}]$`, 'm').exec(bundled(path)) ?? [];
  if (text === undefined) throw new TypeError(`${path} has no function ${name}`);
  return text;
}

/** The shell function `releases`, which knows the files of releases. */
export function releasesText(): string {
  return `releases() {\nperl - "$@" <<'FOOBAR_PROVISION_PERL'\n${bundled('run/release.pl')}FOOBAR_PROVISION_PERL\n}`;
}
