import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { load } from '../../src/config-file/load.ts';
import { Problem } from '../../src/error.ts';

// Processes are started here, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const library = () => import('../../src/index.ts');
const here = process.cwd();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'load-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(here);
  rmSync(folder, { recursive: true });
});

describe('load', () => {
  test('no file is no configuration', async () => {
    expect(await load(library)).toEqual({ config: {} });
  });

  test.each([
    [
      'foobar.config.ts',
      "import { defineConfig, Secret } from 'foobar-provision';\nconst domain: string = 'a.test';\nexport default defineConfig({ domain, app: { env: { K: new Secret('x') } } });",
    ],
    ['foobar.config.mjs', "export default { domain: 'a.test' };"],
    ['foobar.config.json', '{ "domain": "a.test" }'],
  ])('%s', async (name, text) => {
    writeFileSync(name, text);
    expect(await load(library)).toMatchObject({ file: name, config: { domain: 'a.test' } });
    expect(await load(library, name)).toMatchObject({ config: { domain: 'a.test' } });
  });

  test('JSON that does not parse is a problem, and names its file', async () => {
    writeFileSync('foobar.config.json', '{ "domain": }');
    await expect(load(library)).rejects.toThrow(/foobar\.config\.json could not be read: .*JSON/);
  });

  test('TypeScript comes before JSON', async () => {
    writeFileSync('foobar.config.json', '{ "domain": "json.test" }');
    writeFileSync('foobar.config.ts', "export default { domain: 'ts.test' };");
    expect((await load(library)).config).toEqual({ domain: 'ts.test' });
  });

  test.each([
    ['that is named and does not exist', undefined, 'There is no configuration file x.ts.'],
    ['that does not parse', 'export default {', 'could not be read'],
    ['that ends the process', 'process.exit(0);\nexport default {};', 'x.ts could not be read: it calls process.exit(0)'],
    [
      'that ends the process later',
      'setTimeout(() => { try { process.exit(3); } catch {} }, 1);\nawait new Promise(() => {});\nexport default {};',
      'x.ts could not be read: it calls process.exit(3)',
    ],
    ['that throws', "throw new Error('no such luck');", 'no such luck'],
    ['that imports a missing module', "import x from './none.ts';\nexport default x;", 'could not be read'],
    ['with a typo', "export default { domian: 'a.test' };", 'did you mean "domain"?'],
  ])('a file %s is a problem', async (_, text, message) => {
    if (text !== undefined) writeFileSync('x.ts', text);
    const attempt = load(library, 'x.ts');
    await expect(attempt).rejects.toThrow(Problem);
    await expect(attempt).rejects.toThrow(message);
  });
});
