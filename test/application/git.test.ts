import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { checkOut, gitIn, redactUrl } from '../../src/application/git.ts';
import { complete } from '../../src/config-file/complete.ts';
import { Problem } from '../../src/error.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let commits: readonly string[];
const repository = () => join(folder, 'shop');
const git = (...words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync('git', [
    '-C',
    repository(),
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@b',
    '-c',
    'protocol.file.allow=always',
    ...words,
  ]);
  expect(String(stderr).concat(status === 0 ? '' : ' failed')).not.toContain(' failed');
  return String(stdout).trim();
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'git-'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  mkdirSync(join(repository(), 'app/public'), { recursive: true });
  spawnSync('git', ['init', '--quiet', '-b', 'main', repository()]);
  const commit = (text: string) => {
    writeFileSync(join(repository(), 'app/public/index.php'), text);
    git('add', '.');
    git('commit', '--quiet', '-m', text);
    return git('rev-parse', 'HEAD');
  };
  writeFileSync(join(repository(), 'app/run'), '#!/bin/sh', { mode: 0o755 });
  symlinkSync('run', join(repository(), 'app/link'));
  const first = commit('one');
  git('tag', '-a', 'v1', '-m', 'v1');
  const second = commit('two');
  git('branch', 'old', first);
  commits = [first, second];
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const from = (ref?: string, below?: string) => checkOut({ git: repository(), ref, folder: below }, () => {});

describe('a checkout', () => {
  test.each([
    ['the default branch', undefined, 1],
    ['a branch', 'old', 0],
    ['a tag', 'v1', 0],
  ])('contains %s', async (_, ref, index) => {
    const { folder: files, origin } = await from(ref);
    expect(origin).toEqual({ url: repository(), ref: ref ?? 'HEAD', commit: commits[index] });
    expect(readFileSync(join(files, 'app/public/index.php'), 'utf8')).toBe(['one', 'two'][index]);
    expect(readdirSync(files)).toEqual(['app']);
  });

  test('contains a commit, or one folder of it', async () => {
    const { folder: files } = await from(commits[0]?.slice(0, 10), 'app/');
    expect(readdirSync(files).sort()).toEqual(['link', 'public', 'run']);
  });

  test('contains what was pushed since the last time, even if history was rewritten', async () => {
    git('checkout', '--quiet', '-B', 'moving', commits[1] ?? '');
    await from('moving');
    git('reset', '--quiet', '--hard', commits[0] ?? '');
    expect((await from('moving')).origin.commit).toBe(commits[0]);
    git('checkout', '--quiet', 'main');
  });

  test.each([
    ['a ref that does not exist', () => from('nope'), 'has no branch, tag or commit "nope"'],
    ['a ref that is an option', () => from('--upload-pack=touch x'), 'is neither a repository nor a ref'],
    ['a folder that does not exist', () => from('main', 'none'), 'git could not find the folder none in'],
    ['a repository that does not exist', () => checkOut({ git: join(folder, 'none') }, () => {}), 'git could not fetch'],
    ['a protocol that runs commands', () => checkOut({ git: `ext::touch ${join(folder, 'ran')}` }, () => {}), 'git could not fetch'],
  ])('of %s is a problem', async (_, attempt, message) => {
    await expect(attempt()).rejects.toThrow(message);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  test('of a repository with submodules is a problem that names them', async () => {
    git('checkout', '--quiet', '-B', 'modules');
    git('submodule', '--quiet', 'add', repository(), 'vendor/other');
    git('commit', '--quiet', '-m', 'x');
    git('checkout', '--quiet', '-f', 'main');
    await expect(from('modules')).rejects.toThrow('submodules (vendor/other)');
  });

  test('shows no password', async () => {
    const attempt = checkOut({ git: 'http://me:hunter2@127.0.0.1:9/x.git' }, () => {});
    const problem: unknown = await attempt.catch((error: unknown) => error);
    expect(problem).toMatchObject({ message: 'git could not fetch http://127.0.0.1:9/x.git.' });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });
});

describe('a repository that was crafted to write elsewhere', () => {
  const store = (words: readonly string[], input: string | Buffer) =>
    String(spawnSync('git', ['-C', repository(), 'hash-object', '-w', '--stdin', ...words], { input }).stdout).trim();
  /** A tree that git itself would never write. */
  const tree = (...entries: readonly (readonly [mode: string, name: string, object: string])[]) =>
    store(
      ['-t', 'tree', '--literally'],
      Buffer.concat(entries.flatMap(([mode, name, object]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(object, 'hex')])),
    );

  test.each<readonly [string, () => string]>([
    ['a folder ..', () => tree(['40000', '..', tree(['100644', 'escaped', store([], 'x')])])],
    ['a name ../escaped', () => tree(['100644', '../escaped', store([], 'x')])],
    [
      'a link out of it, and a folder of the same name',
      () => tree(['120000', 'a', store([], folder)], ['40000', 'a', tree(['100644', 'escaped', store([], 'x')])]),
    ],
    ['two files of the same name', () => tree(['100644', 'a', store([], 'x')], ['100644', 'a', store([], 'y')])],
  ])('with %s is refused, and nothing is written outside', async (_, make) => {
    git('update-ref', 'refs/heads/hostile', git('commit-tree', make(), '-m', 'hostile'));
    await expect(from('hostile')).rejects.toThrow(Problem);
    git('update-ref', '-d', 'refs/heads/hostile');
    expect(readdirSync(folder).sort()).toEqual(['cache', 'shop']);
    expect(readdirSync(join(folder, 'cache/foobar-provision')).sort()).toEqual(['checkouts', 'git']);
    expect(readdirSync(join(folder, 'cache/foobar-provision/checkouts'))).not.toContain('escaped');
  });
});

test('a command that only reads uses what was fetched before, even if the repository is unreachable, and a deploy does not', async () => {
  await from();
  const away = `${repository()}-away`;
  renameSync(repository(), away);
  const look = checkOut({ git: repository(), ref: 'main' }, () => {}, false);
  await expect(look).resolves.toMatchObject({ origin: { commit: commits[1] } });
  await expect(from()).rejects.toThrow('git could not fetch');
  renameSync(away, repository());
});

test('an application is the part of the repository that the configuration names, with its commit', async () => {
  const user = { domain: 'shop.test', app: { source: { git: './shop', ref: 'v1', folder: 'app' } } };
  const { sites } = await complete(user, {}, join(folder, 'foobar.config.json'));
  const { source } = sites[0].app;
  expect(source).toMatchObject({ docroot: 'public', origin: { commit: commits[0], ref: 'v1' } });
  expect(source.entries.map(({ path, type }) => `${path} ${type}`)).toEqual(['link l', 'public/index.php f', 'run x']);
  const other = await complete(user, { app: `${repository()}#main` });
  expect(other.sites[0].app.source.origin?.commit).toBe(commits[1]);
});

describe('a source on the command line', () => {
  test.each([
    ['https://git.test/a/b.git', { git: 'https://git.test/a/b.git' }],
    ['https://git.test/a/b.git#v1.2', { git: 'https://git.test/a/b.git', ref: 'v1.2' }],
    ['git@git.test:a/b.git#feature/x', { git: 'git@git.test:a/b.git', ref: 'feature/x' }],
    ['/srv/repository#main', { git: '/srv/repository', ref: 'main' }],
    ['./app', undefined],
    ['/srv/app', undefined],
  ])('%s', (text, expected) => {
    expect(gitIn(text)).toEqual(expected);
  });

  test('is a folder if one of that name exists', () => {
    mkdirSync(join(folder, 'a#b'));
    expect(gitIn(join(folder, 'a#b'))).toBeUndefined();
  });
});

/** A credential helper of the caller's that knows this password. */
function helper(password: string): Readonly<Record<string, string>> {
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'credential.helper',
    GIT_CONFIG_VALUE_0: `!f() { test "$1" = get && echo password=${password}; }; f`,
  };
}

describe('a secret in a URL', () => {
  test.each([
    ['https://host.test/a.git', 'https://host.test/a.git'],
    ['https://user:token@host.test/a.git', 'https://host.test/a.git'],
    ['https://user:p@ss@host.test/a.git', 'https://host.test/a.git'],
    ['https://user:p/s@s@host.test/a.git', 'https://host.test/a.git'],
    ['https://token@host.test/@scope/a.git', 'https://host.test/@scope/a.git'],
    ['https://host.test/a.git?private_token=x', 'https://host.test/a.git'],
    ['git+ssh://user:token@host.test/a.git', 'git+ssh://host.test/a.git'],
    ['git@host.test:a.git', 'git@host.test:a.git'],
  ])('%s is shown without', (url, text) => expect(redactUrl(url)).toBe(text));

  test("is passed in git's environment, beside the caller's own settings, and never on its command line", async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    const log = join(folder, 'log');
    writeFileSync(
      join(bin, 'git'),
      `#!/bin/sh\ncase "$*" in *fetch*) printf '%s\\n' "$*" "$GIT_CONFIG_COUNT" "$GIT_CONFIG_KEY_0" "$FOOBAR_GIT_PASSWORD" "$GIT_SSH_COMMAND" >'${log}'; exit 1;; *core.sshCommand*) echo ssh -i mine;; esac\n`,
      { mode: 0o755 },
    );
    vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
    vi.stubEnv('GIT_CONFIG_COUNT', '1');
    vi.stubEnv('GIT_CONFIG_KEY_0', 'credential.helper');
    vi.stubEnv('GIT_CONFIG_VALUE_0', 'ci');
    try {
      await expect(checkOut({ git: 'https://user:p%40ss@host.test/a.git' }, () => {})).rejects.toThrow(
        'git could not fetch https://host.test/a.git.',
      );
      const [words, count, key, password, ssh] = readFileSync(log, 'utf8').split('\n');
      expect(words).toContain('-- https://host.test/a.git ');
      expect(words).not.toMatch(/p%40ss|p@ss|user/);
      expect([count, key, password, ssh]).toEqual(['4', 'credential.helper', 'p@ss', '']);
    } finally {
      vi.stubEnv('PATH', process.env.PATH?.replace(`${bin}:`, ''));
      for (const name of ['COUNT', 'KEY_0', 'VALUE_0']) vi.stubEnv(`GIT_CONFIG_${name}`, undefined);
    }
  });

  test.each<readonly [string, string, Readonly<Record<string, string>>]>([
    ['TOKEN@', 'TOKEN:', {}],
    ['TOKEN:@', 'TOKEN:', {}],
    [':TOKEN@', ':TOKEN', {}],
    ['user:p%40ss@', 'user:p@ss', {}],
    ['user:p%40ss@', 'user:p@ss', helper('known')],
    ['TOKEN:@', 'TOKEN:', helper('known')],
    ['user@', 'user:known', helper('known')],
    ['user@', 'user:asked', { GIT_ASKPASS: 'asked' }],
  ])('%s logs in as %s (%j)', async (said, login, environment) => {
    const logins = new Set<string>();
    const server = createServer(({ headers }, answer) => {
      const given = headers.authorization?.replace(/^Basic /, '');
      if (given !== undefined) logins.add(Buffer.from(given, 'base64').toString());
      answer.writeHead(given === undefined ? 401 : 403, { 'WWW-Authenticate': 'Basic realm="git"' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const askpass = join(folder, 'asked');
    writeFileSync(askpass, '#!/bin/sh\necho asked\n', { mode: 0o755 });
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, name === 'GIT_ASKPASS' ? askpass : value);
    try {
      await expect(checkOut({ git: `http://${said}127.0.0.1:${port}/a.git` }, () => {})).rejects.toThrow('git could not fetch');
    } finally {
      for (const name of Object.keys(environment)) vi.stubEnv(name, undefined);
      server.close();
    }
    expect([...logins]).toEqual([login]);
  });

  test.each([
    ['https://host.test/a.git?private_token=hidden', /text after a question mark/, /https:\/\/TOKEN@host\/path/],
    ['https://user:hidden@host.test/a.git?x=hidden', /text after a question mark/, /TOKEN@/],
    ['ssh://user:hidden@host.test/a.git', /a password/, /ssh ignores it.*a key/],
    ['git+ssh://user:hid/den@host.test/a.git', /a password/, /a key/],
  ])('%s is refused, because git would show it on a command line', async (git, message, hint) => {
    const refused = await checkOut({ git }, () => {}).catch((error: unknown) => error);
    expect(refused).toMatchObject({ message: expect.stringMatching(message), details: { hint: expect.stringMatching(hint) } });
    expect(JSON.stringify(refused)).not.toMatch(/hidden|hid/);
  });

  test('only this user can read the cache, even one of an earlier version', async () => {
    const root = join(folder, 'cache/foobar-provision');
    mkdirSync(root, { recursive: true });
    chmodSync(root, 0o755);
    const { folder: tree } = await from();
    for (const path of [root, join(root, 'git', ...readdirSync(join(root, 'git')).slice(0, 1)), tree])
      expect(statSync(path).mode & 0o077).toBe(0);
  });
});
