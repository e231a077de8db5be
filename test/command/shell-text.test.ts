import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const loaders = [
  'src/bundled/files.ts',
  'src/bundled/template.ts',
  'src/command/command.ts',
  'src/command/shell-text.ts',
  'src/engine/shell-library.ts',
];

test('only the loaders of shell files turn text into commands, and everything else composes commands', () => {
  const files = ['src', 'playbooks'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).flatMap((path) =>
      path.endsWith('.ts') ? [`${folder}/${path}`] : [],
    ),
  );
  const makers = files.filter((path) => /\bshellText\b|\bkind: 'command', text\b/.test(readFileSync(join(root, path), 'utf8')));
  expect(makers.sort()).toEqual(loaders);
});
