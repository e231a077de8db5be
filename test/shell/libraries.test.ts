import { describe, expect, test } from 'vitest';
import {
  apt,
  arrive,
  checkers,
  everyRun,
  launch,
  listReleases,
  memory,
  privateFolder,
  purge,
  secretPlaces,
} from '../../src/engine/run-libraries.ts';
import { type ShellLibrary, shellLibrary, withNeeds } from '../../src/engine/shell-library.ts';
import { newServer } from '../../src/import/copy-shared.ts';
import { oldServer } from '../../src/import/old-server.ts';
import { defineKind, sh } from '../../src/index.ts';
import { kinds } from '../../src/resources/index.ts';
import { callsOf, together } from './calls.ts';
import { callsIn, kindFiles, shellIn, unknownWords } from './libraries.ts';

const shells = [...kinds.values()].map(({ shell }) => shell);
const named = (libraries: readonly ShellLibrary[]) => withNeeds(libraries).map((library) => [library.name, library] as const);
const forRuns = named([checkers, apt, purge, launch, arrive, ...shells.flatMap(({ run }) => run)]);
const forReaders = named([oldServer, newServer, privateFolder, secretPlaces, memory, listReleases, ...shells.flatMap(({ read }) => read)]);

describe('a library calls nothing but programs, its own functions, and those of what it needs', () => {
  test.each(forRuns)('in a run: %s', (_, library) => {
    expect(unknownWords(callsIn(library), [library], 'run')).toEqual([]);
  });

  test.each(forReaders)('in a reader: %s', (_, library) => {
    expect(unknownWords(callsIn(library), [library], 'read')).toEqual([]);
  });

  test.each(named(everyRun))('in every run: %s', (_, library) => {
    expect(unknownWords(callsIn(library), [], 'run')).toEqual([]);
  });
});

test('no function is defined in two libraries', () => {
  const all = new Map([...named(everyRun), ...forRuns, ...forReaders]);
  const functions = [...all.values()].flatMap((library) => [...callsIn(library).defined]);
  expect(functions.filter((name, index) => functions.indexOf(name) !== index)).toEqual([]);
});

describe('the commands of a kind call nothing but programs, and functions of the libraries that it names', () => {
  const files = kindFiles();
  const kindsIn = (source: string) =>
    [...source.matchAll(/defineKind<[^(]*\(\{\n {2}name: '([^']+)'/g)].flatMap(([, name = '']) => kinds.get(name) ?? []);
  const withKinds = [...files].flatMap(([name, { source, imports }]) => {
    const own = kindsIn(source);
    // A function of another file that it imports, such as `fresh`, is checked with it.
    const beside = imports.map((each) => files.get(each)?.source ?? '').filter((text) => kindsIn(text).length === 0);
    return own.length === 0 ? [] : [{ name, own, texts: [source, ...beside].flatMap(shellIn) }];
  });

  test('all kinds are checked', () => {
    expect(withKinds.flatMap(({ own }) => own.map(({ name }) => name)).sort()).toEqual([...kinds.keys()].sort());
  });

  test.each(withKinds)('$name', ({ own, texts }) => {
    const calls = together(texts.map(callsOf));
    const inRuns = unknownWords(
      calls,
      own.flatMap(({ shell }) => shell.run),
      'run',
    );
    const inReaders = unknownWords(
      calls,
      own.flatMap(({ shell }) => shell.read),
      'read',
    );
    // The text of a command does not tell whether it is for a run or a reader. The tables of each kind check that.
    expect(inRuns.filter((word) => inReaders.includes(word))).toEqual([]);
  });

  test('a typo is found', () => {
    const source =
      'apply: sh`${stage} && prepare_staging ${path}; plaec ${path}`, undo: lines(sh`if was_mde ${name}; then`, sh`install_staged ${path}`, sh`fi`)';
    expect(unknownWords(together(shellIn(source).map(callsOf)), [], 'run')).toEqual(['plaec', 'was_mde']);
  });

  test('a function of a library that is not listed is found', () => {
    const library = shellLibrary('greet', 'greet() {\n  printf "%s\\n" "$1"\n}\n');
    const kind = defineKind<object, true>({
      name: 'greeting',
      phase: 'state',
      shell: { run: [library] },
      read: () => sh`greet ${'reader'}`,
      parse: () => new Map(),
      diff: () => [{ action: 'run', summary: '', step: { kind: 'plain', apply: sh`greet ${'run'}` } }],
    });
    const calls = callsOf('greet run');
    expect(unknownWords(calls, kind.shell.run, 'run')).toEqual([]);
    expect(unknownWords(calls, kind.shell.read, 'read')).toEqual(['greet']);
  });
});
