import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { version } from '../../src/version.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'packed-'));
const tarball = join(folder, `foobar-provision-${version}.tgz`);
const installed = join(folder, 'project/node_modules/foobar-provision');

/**
 * npm with a cache of its own and no network: what the tarball lacks cannot come from elsewhere.
 * The npm that runs these tests says in variables where it is at home; another npm would believe them.
 */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))),
  ...{ npm_config_cache: join(folder, 'cache'), npm_config_offline: 'true', NO_COLOR: '1' },
};

beforeAll(() => {
  if (!existsSync(join(root, 'dist/bin.mjs'))) throw new Error('there is no build to pack: npm run build makes one');
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root, stdio: 'pipe' });
  execFileSync('npm', ['install', '--prefix', place('project'), tarball], { env, stdio: 'pipe' });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with these files in it. */
function place(name: string, files: Readonly<Record<string, string>> = {}): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

/** The README's command, in a folder that has the tarball. */
function npx(cwd: string, ...words: readonly string[]) {
  copyFileSync(tarball, join(cwd, basename(tarball)));
  const { status, stdout, stderr } = spawnSync('npx', ['--yes', `./${basename(tarball)}`, ...words], {
    cwd,
    env,
    input: '',
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('the tarball', () => {
  test('is downloaded in a moment: it has at most 1.5 MB', () => {
    expect(statSync(tarball).size).toBeLessThan(1_500_000);
  });

  test('holds what runs, and nothing of its making', () => {
    expect(readdirSync(installed).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'THIRD_PARTY_LICENSES',
      'dist',
      'files',
      'node_modules',
      'package.json',
    ]);
    expect(readdirSync(join(installed, 'node_modules')).filter((name) => name !== '.bin')).toEqual(['jiti']);
  });

  test('runs on any machine: nothing in it is compiled', () => {
    expect(readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(?:node|so|dll|wasm)$/.test(path))).toEqual(
      [],
    );
  });

  test('carries the license of every package whose code is in it', () => {
    const licenses = readFileSync(join(installed, 'THIRD_PARTY_LICENSES'), 'utf8');
    const packages = packagesIn(readdirSync(join(installed, 'dist')).filter((file) => file.endsWith('.mjs')));
    expect(packages).toContain('ssh2');
    expect(packages.filter((name) => !licenses.includes(`\n${name} `))).toEqual([]);
  });

  test('starts with commander alone', () => {
    // The first file loads the program itself when it has chosen where compiled code is kept.
    const [, main = ''] = /^const \{ main \} = await import\("\.\/([^"]+)"\);$/m.exec(textOf('bin.mjs')) ?? [];
    const files = new Set(['bin.mjs', main]);
    for (const file of files)
      for (const [, next] of textOf(file).matchAll(/^(?:import|export)\b.*"\.\/([^"]+)";$/gm)) files.add(next ?? '');
    expect(packagesIn([...files])).toEqual(['commander']);
  });
});

describe('from a folder that holds nothing else', () => {
  test('npx runs it', () => {
    expect(npx(place('empty'), '--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  test("a configuration's secrets and playbooks are ours", () => {
    const config = `import { Secret, defineConfig, definePlaybook, packages } from 'foobar-provision';
      const tools = definePlaybook({ name: 'tools', resources: () => packages('htop') });
      export default defineConfig({ app: { env: { KEY: new Secret('k') } }, playbooks: [tools] });`;
    // A secret of another copy's class is no valid value; a valid configuration goes on to the connection.
    const { status, stderr } = npx(place('secret', { 'foobar.config.ts': config }), 'plan', 'root@127.0.0.1:1', '--json');
    expect({ status, stderr }).toMatchObject({ status: 4, stderr: expect.stringContaining('127.0.0.1') });
  });

  test("a problem that a configuration throws is told as the user's own words", () => {
    const config = `import { Problem } from 'foobar-provision'; throw new Problem({ message: 'No key.', hint: 'Set KEY.' });`;
    const { status, stderr } = npx(place('problem', { 'foobar.config.mjs': config }), 'plan', 'root@127.0.0.1:1');
    expect({ status, stderr: stderr.replace(/^npm warn.*\n/gm, '') }).toEqual({ status: 1, stderr: '✖ No key.\n  Set KEY.\n' });
  });
});

test("the README's listings are right by the types that the package has", () => {
  const [config = '', playbook = ''] = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(
    ([, text]) => text,
  );
  const compilerOptions = {
    ...{ noEmit: true, strict: true, target: 'es2023', module: 'preserve' },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
  };
  const project = place('typed', {
    'foobar.config.ts': config,
    'wrong.ts': "import { defineConfig } from 'foobar-provision';\n// @ts-expect-error: no such key\ndefineConfig({ sever: 'root@host' });",
    'tsconfig.json': JSON.stringify({ compilerOptions }),
  });
  for (const folder of ['server', 'node_modules']) mkdirSync(join(project, folder));
  writeFileSync(join(project, 'server/updates.ts'), playbook);
  symlinkSync(installed, join(project, 'node_modules/foobar-provision'));
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: project, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

function textOf(file: string): string {
  return readFileSync(join(installed, 'dist', file), 'utf8');
}

/** The packages whose modules are in these files; the bundler writes a line before each. */
function packagesIn(files: readonly string[]): readonly string[] {
  const lines = files.flatMap((file) => [...textOf(file).matchAll(/^\/\/#region .*node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)]);
  return [...new Set(lines.map(([, name]) => name ?? ''))].sort();
}
