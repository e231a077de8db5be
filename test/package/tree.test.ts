import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test.each([
  ['lint and format', 'biome', ['check', '--error-on-warnings', '--colors=off']],
  ['types', 'tsc', ['-p', '.', '--pretty', 'false']],
  ['what nothing uses', 'knip', []],
])('the tree has no findings: %s', (_what, program, words) => {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', program), words, { cwd: root, encoding: 'utf8' });
  expect(status, `${stdout}${stderr}`).toBe(0);
});
