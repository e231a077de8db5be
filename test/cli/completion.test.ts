import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completion } from '../../src/cli/completion.ts';
import { programOf } from '../../src/cli/main.ts';

const has = (program: string) => spawnSync(program, ['--version']).status === 0;

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'completion-'));
  await mkdir(join(home, '.ssh'));
  await writeFile(join(home, '.ssh/config'), 'Host web db *.example.com\n  User root\nHOST shop\n');
  await writeFile(join(home, 'my key'), '');
  await mkdir(join(home, 'my site'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Returns what bash proposes after these words. */
function proposed(...words: readonly string[]): readonly string[] {
  const script = `compopt() { :; }
${completion(programOf(), 'bash')}
COMP_WORDS=(foobar-provision "$@"); COMP_CWORD=$#
{ _foobar_provision || [ "\${#COMPREPLY[@]}" = 0 ]; } && printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script, 'bash', ...words], {
    cwd: home,
    env: { ...process.env, HOME: home },
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').filter(Boolean);
}

describe.skipIf(!has('bash'))('completion in bash', () => {
  it.each<readonly [readonly string[], readonly string[]]>([
    [['pl'], ['plan']],
    [['do'], ['doctor']],
    [
      ['verify', ''],
      ['web', 'db', 'shop'],
    ],
    [['verify', 's'], ['shop']],
    [['-i', 'key', 'ver'], ['verify']],
    [['plan', '--data'], ['--database']],
    [
      ['plan', '--database', 'm'],
      ['mysql', 'mariadb'],
    ],
    [
      ['export', '--format', ''],
      ['sh', 'cloud-init'],
    ],
    // One file whose name has a space is one proposal.
    [['plan', '-i', 'my k'], ['my key']],
    [
      ['--app', ''],
      ['.ssh', 'my site'],
    ],
    [['plan', '--domain', ''], []],
    [
      ['sandbox', ''],
      ['up', 'list', 'ssh', 'down'],
    ],
    [['sandbox', 'up', '--su'], ['--suite']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('%j', (words, found) => {
    expect([...proposed(...words)].sort()).toEqual([...found].sort());
  });

  it.each([
    ['foobar.config.ts', "// server: 'root@old'\nexport default { server: 'root@one', domain: 'example.com' };", ['root@one']],
    [
      'foobar.config.ts',
      `export default defineConfig({
  https: { email: 'me@example.com' },
  servers: {
    web: ['root@web1', { ssh: 'root@web2', address: '10.0.0.2' }], // and more
    'database': ["root@db"],
  },
  domain: 'example.com',
});`,
      ['root@web1', 'root@web2', 'root@db'],
    ],
    [
      'foobar.config.json',
      '{"domain": "a.test", "servers": {"web": ["root@a", {"ssh": "root@b", "address": "10.0.0.2"}]}, "name": "x"}',
      ['root@a', 'root@b'],
    ],
    ['foobar.config.ts', "export default { domain: 'example.com' };", []],
  ])('proposes the servers of %s (%#)', async (name, text, servers) => {
    await writeFile(join(home, name), text);
    try {
      expect([...proposed('plan', '--host', '')].sort()).toEqual([...servers].sort());
      expect([...proposed('verify', 'root@')].sort()).toEqual([...servers].sort());
    } finally {
      await rm(join(home, name));
    }
  });

  it('proposes commands and hosts for the first word', () => {
    expect(proposed('')).toEqual(expect.arrayContaining(['plan', 'verify', 'sandbox', 'web', 'shop']));
  });
});

describe.each(['zsh', 'fish'] as const)('completion in %s', (shell) => {
  const script = completion(programOf(), shell);

  it('knows every command and option of the help, and no hidden one', () => {
    for (const word of ['plan', 'doctor', 'sandbox', 'suite', 'accept-new', 'cloud-init']) expect(script).toContain(word);
    expect(script).not.toContain('sandbox-publish');
  });

  it.skipIf(!has(shell))('is a script that the shell can parse', () => {
    // Use a file, because some shells cannot check a script from a socket, which standard input is here.
    const folder = mkdtempSync(join(tmpdir(), 'foobar-completion-'));
    writeFileSync(join(folder, 'script'), script);
    const { status, stderr } = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
