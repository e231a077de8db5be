import { bundledShell } from '../bundled/files.ts';
import { type Command, sh } from '../command/command.ts';
import { shellText } from '../command/shell-text.ts';
import { Problem } from '../error.ts';

/** A file of shell functions. A script contains the libraries that its commands call, each once. */
export interface ShellLibrary {
  /** Unique in a script. */
  readonly name: string;
  readonly definitions: () => Command;
  /** The libraries that its functions call. */
  readonly needs: readonly ShellLibrary[];
}

/** Returns a library of POSIX `sh` functions, which contains nothing else but the variables that they share. */
export function shellLibrary(name: string, text: string, ...needs: readonly ShellLibrary[]): ShellLibrary {
  return { name, definitions: () => shellText(text.trimEnd()), needs };
}

/** Returns a library of this package, by its path below `files/`. */
export function bundledLibrary(path: string, ...needs: readonly ShellLibrary[]): ShellLibrary {
  return { name: path, definitions: () => bundledShell(path), needs };
}

/** Returns the libraries with everything that they need, each once and in the order of their dependencies. */
export function withNeeds(libraries: readonly ShellLibrary[]): readonly ShellLibrary[] {
  const all = libraries.flatMap((library) => [...withNeeds(library.needs), library]);
  return [...new Map(all.map((library) => [library.name, library])).values()];
}

/**
 * Returns the definitions of the libraries' functions and of what they need. Throws a Problem if two libraries define the same function.
 */
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
