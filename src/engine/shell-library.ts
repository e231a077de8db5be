import { bundledShell } from '../bundled/files.ts';
import { type Command, sh } from '../command/command.ts';
import { shellText } from '../command/shell-text.ts';
import { Problem } from '../error.ts';

/** A file of shell functions. A script gets those that its commands call, each once. */
export interface ShellLibrary {
  /** Unique in a script. */
  readonly name: string;
  readonly definitions: () => Command;
  /** What its own functions call. */
  readonly needs: readonly ShellLibrary[];
}

/** Functions of POSIX `sh`, with nothing outside of them but the variables that they share. */
export function shellLibrary(name: string, text: string, ...needs: readonly ShellLibrary[]): ShellLibrary {
  return { name, definitions: () => shellText(text.trimEnd()), needs };
}

/** A library that comes with this package, by its path below `files/`. */
export function bundledLibrary(path: string, ...needs: readonly ShellLibrary[]): ShellLibrary {
  return { name: path, definitions: () => bundledShell(path), needs };
}

/** The libraries with all that they need, each once and after what it needs. */
export function withNeeds(libraries: readonly ShellLibrary[]): readonly ShellLibrary[] {
  const all = libraries.flatMap((library) => [...withNeeds(library.needs), library]);
  return [...new Map(all.map((library) => [library.name, library])).values()];
}

/** Defines the functions of the libraries, and of what they need. Throws a Problem where two define the same one. */
export function definitionsOf(libraries: readonly ShellLibrary[]): Command {
  const all = withNeeds(libraries);
  const definedBy = new Map<string, string>();
  for (const { name, definitions } of all) {
    for (const [, defined = ''] of definitions().text.matchAll(/^([A-Za-z_]\w*)\(\)/gm)) {
      const other = definedBy.get(defined);
      if (other !== undefined && other !== name) throw definedTwice(defined, other, name);
      definedBy.set(defined, name);
    }
  }
  const [first = sh``, ...more] = all.map((library) => library.definitions());
  return more.reduce((text, each) => sh`${text}\n\n${each}`, first);
}

function definedTwice(defined: string, one: string, other: string): Problem {
  return new Problem({
    message: `The shell libraries "${one}" and "${other}" both define the function ${defined}.`,
    hint: 'Rename the one that is yours.',
  });
}
