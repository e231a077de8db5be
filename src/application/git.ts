import { createHash, randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { privateFolder } from '../cache.ts';
import { Problem } from '../error.ts';
import type { Source } from './source.ts';

/** A git repository that holds the application. */
export interface GitSource {
  /** A URL, `user@host:path`, or a folder on this machine. */
  readonly git: string;
  /** A branch, tag or commit. By default the repository's default branch. */
  readonly ref?: string | undefined;
  /** The subfolder that holds the application. By default the whole repository. */
  readonly folder?: string | undefined;
}

/**
 * Parses a git repository on the command line: `https://…#main`, `git@host:path#v1`, or a repository's folder followed by `#ref`. Returns
 * undefined for a plain folder.
 */
export function gitIn(text: string): GitSource | undefined {
  const [, git = '', ref] = /^(.*?)(?:#([^#]*))?$/s.exec(text) ?? [];
  if (!isRemote(git) && (ref === undefined || existsSync(text))) return undefined;
  return { git: isRemote(git) ? git : resolve(git), ...(ref && { ref }) };
}

/** Returns whether it is a URL or `user@host:path`, and not a path on this machine. */
export function isRemote(git: string): boolean {
  return /^(?:[a-z+]+:\/\/|\w+::)/.test(git) || /^[\w.-]+@[\w.-]+:/.test(git);
}

export interface Checkout {
  /** A folder with the commit's files, removed when this process ends. */
  readonly folder: string;
  readonly origin: NonNullable<Source['origin']>;
}

/**
 * Fetches the repository into a local mirror, and writes one commit's files into a folder. Unless `fresh`, it uses a commit that
 * was fetched before, if there is one. Rejects with a Problem.
 */
export async function checkOut({ git: url, ref, folder }: GitSource, onLine: (line: string) => void, fresh = true): Promise<Checkout> {
  if (url.startsWith('-') || ref?.startsWith('-'))
    throw new Problem({
      message: `${JSON.stringify(ref ?? url)} is neither a repository nor a ref.`,
      hint: 'See app.source.',
    });
  requireNoSecretInCommandLine(url);
  const git = await gitFor(url);
  const mirror = await privateFolder('git', createHash('sha256').update(url).digest('hex').slice(0, 32));
  const inMirror = ['--git-dir', mirror];
  const hasMirror = existsSync(join(mirror, 'HEAD'));
  const cached = fresh || !hasMirror ? undefined : await commitIn(git, inMirror, ref);
  if (cached === undefined) {
    onLine(`fetching ${redactUrl(url)}`);
    if (!hasMirror) await git('make a local copy of', ['init', '--quiet', '--bare', mirror]);
    const refs = ['+refs/heads/*:refs/heads/*', '+HEAD:refs/default'];
    await git('fetch', [...inMirror, 'fetch', '--quiet', '--prune', '--force', '--tags', '--', withoutSecrets(url), ...refs]);
  }
  const commit = cached ?? (await commitIn(git, inMirror, ref)) ?? noCommit(url, ref);
  const tree = folder === undefined ? commit : `${commit}:${folder.replace(/^\.\/|\/+$/g, '')}`;
  const entries = (await git(`find the folder ${folder ?? '.'} in`, [...inMirror, 'ls-tree', '-r', '-t', '-z', tree]))
    .split('\0')
    .filter(Boolean);
  const names = entries.map((line) => line.replace(/^[^\t]*\t/, ''));
  const modules = names.filter((_, index) => entries[index]?.startsWith('160000 '));
  // Where a link and a folder have the same name, tar might write through the link.
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw new Problem({
      message: `${redactUrl(url)} has two files with the name ${JSON.stringify(twice)}.`,
      hint: 'Commit it again with one of them. `git fsck` names all of them.',
    });
  if (modules.length > 0)
    throw new Problem({
      message: `${redactUrl(url)} has submodules (${modules.join(', ')}), which are not supported.`,
      hint: 'Check it out yourself, with its submodules, and name that folder as app.source.',
    });
  const target = await checkoutFolder();
  await git('check out', [...inMirror, 'archive', '--format=tar', `--output=${target}.tar`, tree]);
  const { $ } = await import('zx/core');
  const unpacked = await $({ nothrow: true, quiet: true, verbose: false })`tar -xf ${`${target}.tar`} -C ${target}`;
  rmSync(`${target}.tar`);
  if (unpacked.exitCode !== 0)
    throw new Problem({
      message: `${redactUrl(url)} could not be unpacked: it has file names that conflict, or this machine is out of disk space.`,
      stderr: unpacked.stderr.trim().slice(-1000),
      hint: 'See what tar said.',
    });
  return { folder: target, origin: { url: redactUrl(url), ref: ref ?? 'HEAD', commit } };
}

async function commitIn(git: Git, inMirror: readonly string[], ref: string | undefined): Promise<string | undefined> {
  const names =
    ref === undefined ? ['refs/default'] : [`refs/heads/${ref}`, `refs/tags/${ref}`, ...(/^[0-9a-f]{7,64}$/.test(ref) ? [ref] : [])];
  for (const name of names) {
    const output = await git(undefined, [...inMirror, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
    if (/^[0-9a-f]{40,64}$/.test(output.trim())) return output.trim();
  }
  return undefined;
}

function noCommit(url: string, ref: string | undefined): never {
  throw new Problem({
    message: `${redactUrl(url)} has no branch, tag or commit ${JSON.stringify(ref ?? 'HEAD')}.`,
    hint: 'Correct the ref, or push it there first.',
  });
}

/**
 * Runs git and returns its output. On failure, rejects with a Problem in which `purpose` completes "git could not …"; without a purpose,
 * returns the output all the same.
 */
type Git = (purpose: string | undefined, words: readonly string[]) => Promise<string>;

async function gitFor(url: string): Promise<Git> {
  const { $, which } = await import('zx/core');
  if (!(await which('git', { nothrow: true })))
    throw new Problem({
      message: 'There is no git on this machine.',
      hint: 'Install it, or name a folder as app.source.',
    });
  const inherited = process.env;
  const configured = async (name: string) =>
    (
      await $({ env: { ...inherited, LC_ALL: 'C' }, nothrow: true, quiet: true, verbose: false })`git config --get ${name}`
    ).stdout.trim() !== '';
  const credentials = credentialsIn(url, Boolean(inherited.GIT_ASKPASS) || (await configured('core.askPass')));
  const settings = [['safe.bareRepository', 'all'], ...credentials.settings];
  // Keep settings that the caller passes this way, such as the credentials of a CI system.
  const first = Number(inherited.GIT_CONFIG_COUNT) || 0;
  const env = {
    ...inherited,
    // Never prompt, and allow only these protocols.
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file',
    GIT_CONFIG_COUNT: String(first + settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key = '', value = ''], index) => [
        [`GIT_CONFIG_KEY_${first + index}`, key],
        [`GIT_CONFIG_VALUE_${first + index}`, value],
      ]),
    ),
    ...credentials.environment,
    LC_ALL: 'C',
  };
  const hasSsh = inherited.GIT_SSH_COMMAND || inherited.GIT_SSH || (await configured('core.sshCommand'));
  const ssh = hasSsh ? {} : { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' };
  return async (purpose, words) => {
    const { stdout, stderr, exitCode } = await $({
      env: { ...env, ...ssh },
      nothrow: true,
      quiet: true,
      verbose: false,
    })`git ${[...words]}`;
    if (exitCode === 0 || purpose === undefined) return stdout;
    throw new Problem({
      message: `git could not ${purpose} ${redactUrl(url)}.`,
      stderr: stderr.replaceAll(url, redactUrl(url)).replaceAll(withoutSecrets(url), redactUrl(url)).trim().slice(-1000),
      hint: 'Try it by hand: git ls-remote. git itself looks up the key or the token.',
    });
  };
}

/** Creates a folder for one checkout. Also removes the folders that killed processes left more than a day ago. */
async function checkoutFolder(): Promise<string> {
  const all = await privateFolder('checkouts');
  for (const name of await readdir(all)) {
    const path = join(all, name);
    const stats = await stat(path).catch(() => undefined);
    if (stats && Date.now() - stats.mtimeMs > 24 * 3_600_000) await rm(path, { recursive: true, force: true });
  }
  const folder = join(all, randomBytes(8).toString('hex'));
  await mkdir(folder, { mode: 0o700 });
  process.once('exit', () => {
    for (const path of [folder, `${folder}.tar`]) rmSync(path, { recursive: true, force: true });
  });
  return folder;
}

/** Returns a URL without its user, password or token, even a password that contains `@`, so that it may be shown and recorded. */
export function redactUrl(url: string): string {
  // A URL whose password contains a slash is invalid, but the password must not be shown either.
  const authority = /^[\w+.-]+:\/\//.test(url) && !URL.canParse(url) ? /^([\w+.-]+:\/\/).*@/s : /^([\w+.-]+:\/\/)[^/?#]*@/;
  return url.replace(authority, '$1').replace(/^([\w+.-]+:\/\/[^?]*)\?.*$/s, '$1');
}

/**
 * Returns the URL for git's command line, which every user of this machine can read. User and password are passed in the environment
 * instead.
 */
function withoutSecrets(url: string): string {
  return /^https?:\/\//i.test(url) ? url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1') : url;
}

/** Throws a Problem for secrets that git or ssh could pass on only in a command line. Common servers do not accept them anyway. */
function requireNoSecretInCommandLine(url: string): void {
  const left = withoutSecrets(url);
  const refuse = (what: string, hint: string) =>
    new Problem({
      message: `The URL of ${redactUrl(url)} has ${what}, which every user of this machine could read while git runs.`,
      hint,
    });
  if (/^https?:.*\?/is.test(left))
    throw refuse(
      'text after a question mark',
      'Give a token as the user, https://TOKEN@host/path, or let git find it itself (a credential helper).',
    );
  if (/^[\w+.-]+:\/\/[^/?#]*:.*@/.test(left))
    throw refuse('a password', 'ssh ignores it: leave it out, and use a key that the agent or ~/.ssh/config knows.');
}

interface Credentials {
  readonly settings: readonly (readonly [string, string])[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Returns the user and password of a URL as git settings for its host only. A user without a password logs in with an empty
 * password, as a token does, unless git's credential helpers know one. `asks` says that the caller has a program
 * (askpass) that git asks for the password instead.
 */
function credentialsIn(url: string, asks: boolean): Credentials {
  const none = { settings: [], environment: {} };
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return none;
  const { origin, username, password } = new URL(url);
  const [user, secret] = [decoded(username), decoded(password)];
  if (user === '' && secret === '') return none;
  if (user === '') {
    // git does not accept an empty user from a helper.
    const login = Buffer.from(`:${secret}`).toString('base64');
    return { settings: [[`http.${origin}.extraHeader`, `Authorization: Basic ${login}`]], environment: {} };
  }
  const hasPassword = /^[a-z]+:\/\/[^/?#@]*:/i.test(url);
  if (!hasPassword && asks) return { settings: [[`credential.${origin}.username`, user]], environment: {} };
  const answer = `printf 'username=%s\\npassword=%s\\n' "$FOOBAR_GIT_USER" "$FOOBAR_GIT_PASSWORD"`;
  const helper = `credential.${origin}.helper`;
  return {
    settings: [
      // An empty helper first resets the list: user and password take precedence over other helpers, but a user alone does not.
      hasPassword ? [helper, ''] : [`credential.${origin}.username`, user],
      [helper, `!f() { test "$1" = get && ${answer}; }; f`],
    ],
    environment: { FOOBAR_GIT_USER: user, FOOBAR_GIT_PASSWORD: secret },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
