import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test.each([
  ['lint and format', 'biome', ['check', '--error-on-warnings', '--colors=off']],
  ['types', 'tsc', ['-p', '.', '--pretty', 'false']],
  ['what nothing uses', 'knip', []],
  ['who imports whom', 'depcruise', ['src', 'playbooks']],
])('the tree has no findings: %s', (_what, program, words) => {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', program), words, { cwd: root, encoding: 'utf8' });
  expect(status, `${stdout}${stderr}`).toBe(0);
});

test('an import that goes up, round in a circle, or past src/index.ts is a finding', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imports-'));
  const files = {
    'src/error.ts': '',
    'src/index.ts': "export { plan } from './engine/plan.ts';",
    'src/engine/plan.ts': "import { apply } from '../operations/apply.ts';\nexport const plan = apply;",
    'src/operations/apply.ts': "import '../error.ts';\nexport const apply = 1;",
    'src/facts/one.ts': "import type { Other } from './other.ts';\nexport type One = Other | 1;",
    'src/facts/other.ts': "import type { One } from './one.ts';\nexport type Other = One | 2;",
    'playbooks/host/base.ts': "import '../../src/index.ts';\nimport '../../src/engine/plan.ts';",
    'playbooks/database/server.ts': "import '../host/base.ts';",
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const words = ['--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'err', 'src', 'playbooks'];
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/depcruise'), words, { cwd: folder, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(stdout).toContain('src/engine is below: src/engine/plan.ts → src/operations/apply.ts');
  expect(stdout).toContain('a playbook imports src/index.ts alone: playbooks/host/base.ts → src/engine/plan.ts');
  expect(stdout).toMatch(/no circle: src\/facts\/one\.ts →/);
  expect(stdout).toContain('x 3 dependency violations');
  expect(status).toBe(3);
});
