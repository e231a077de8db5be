import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { everyRun } from '../../src/engine/run-libraries.ts';
import { type ShellLibrary, withNeeds } from '../../src/engine/shell-library.ts';
import { type Calls, callsOf } from './calls.ts';
import { external } from './programs.ts';

/** Functions that `render` writes for a plan. */
const rendered = 'prepare apply undo handler inspect reload_access settle_access manifest manifest_held part_of handlers_of'.split(' ');

const known = new Map<string, Calls>();
/** The functions that a library calls and defines. */
export function callsIn(library: ShellLibrary): Calls {
  const calls = known.get(library.name) ?? callsOf(library.definitions().text);
  known.set(library.name, calls);
  return calls;
}

/**
 * The words of these commands that name neither a program nor a function: of these libraries, of what they need, or of every run where it
 * is one.
 */
export function unknownWords({ called, defined }: Calls, libraries: readonly ShellLibrary[], where: 'run' | 'read'): readonly string[] {
  const shared = where === 'run' ? everyRun : [];
  const functions = new Set([
    ...withNeeds([...shared, ...libraries]).flatMap((library) => [...callsIn(library).defined]),
    ...(where === 'run' ? rendered : []),
    ...defined,
  ]);
  return [...called].filter((word) => !functions.has(word) && !external.has(word));
}

/** The shell in a TypeScript file: the text of each sh`…`, with placeholders instead of the interpolations. */
export function shellIn(source: string): readonly string[] {
  const found: string[] = [];
  const textOf = (node: ts.TemplateLiteral): string =>
    ts.isTemplateExpression(node) ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('$_') : node.text;
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && ts.isIdentifier(node.tag) && node.tag.text === 'sh') found.push(textOf(node.template));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('kind.ts', source, ts.ScriptTarget.Latest, true));
  return found;
}

/** The files of the kinds, each with its text and the names of the files that it imports from its folder. */
export function kindFiles(): ReadonlyMap<string, { readonly source: string; readonly imports: readonly string[] }> {
  const folder = join(import.meta.dirname, '../../src/resources');
  return new Map(
    readdirSync(folder).map((name) => {
      const source = readFileSync(join(folder, name), 'utf8');
      return [name, { source, imports: [...source.matchAll(/from '\.\/(.*\.ts)'/g)].map(([, each = '']) => each) }];
    }),
  );
}
