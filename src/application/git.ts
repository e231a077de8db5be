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

/** What the command line names: `https://…#main`, `git@host:path#v1`, or a repository's folder with `#ref` behind it. Undefined for a plain folder. */
export function gitIn(text: string): GitSource | undefined {
  const [, git = '', ref] = /^(.*?)(?:#([^#]*))?$/s.exec(text) ?? [];
  if (!isRemote(git) && (ref === undefined || existsSync(text))) return undefined;
  return { git: isRemote(git) ? git : resolve(git), ...(ref && { ref }) };
}

/** Whether it is a URL or `user@host:path`, and no path of this machine. */
export function isRemote(git: string): boolean {
  return /^(?:[a-z+]+:\/\/|\w+::)/.test(git) || /^[\w.-]+@[\w.-]+:/.test(git);
}

export interface Checkout {
  /** A folder of the commit's files, which goes when this process ends. */
  readonly folder: string;
  readonly origin: NonNullable<Source['origin']>;
}

/**
 * Fetches what is new in the repository into a copy that stays here, and writes one commit's files into a folder. Where it need not be `fresh`, what was
 * fetched before will do. Rejects with a Problem.
 */
export async function checkOut({ git: url, ref, folder }: GitSource, onLine: (line: string) => void, fresh = true): Promise<Checkout> {
  if (url.startsWith('-') || ref?.startsWith('-'))
    throw new Problem({
      message: `${JSON.stringify(ref ?? url)} is neither a repository nor a ref.`,
      hint: 'See app.source. Nothing was changed.',
    });
  requireNoOpenSecret(url);
  const git = await gitFor(url);
  const mirror = await privateFolder('git', createHash('sha256').update(url).digest('hex').slice(0, 32));
  const inside = ['--git-dir', mirror];
  const isThere = existsSync(join(mirror, 'HEAD'));
  const known = fresh || !isThere ? undefined : await commitIn(git, inside, ref);
  if (known === undefined) {
    onLine(`fetching ${shown(url)}`);
    if (!isThere) await git('make a local copy of', ['init', '--quiet', '--bare', mirror]);
    const refs = ['+refs/heads/*:refs/heads/*', '+HEAD:refs/default'];
    await git('fetch', [...inside, 'fetch', '--quiet', '--prune', '--force', '--tags', '--', withoutSecrets(url), ...refs]);
  }
  const commit = known ?? (await commitIn(git, inside, ref)) ?? noCommit(url, ref);
  const tree = folder === undefined ? commit : `${commit}:${folder.replace(/^\.\/|\/+$/g, '')}`;
  const modules = (await git(`find the folder ${folder ?? '.'} in`, [...inside, 'ls-tree', '-r', tree]))
    .split('\n')
    .filter((line) => line.startsWith('160000 '));
  if (modules.length > 0)
    throw new Problem({
      message: `${shown(url)} has submodules (${modules.map((line) => line.replace(/^.*\t/, '')).join(', ')}), which are not supported.`,
      hint: 'Check it out yourself, with its submodules, and name that folder as app.source. Nothing was changed.',
    });
  const to = await freshFolder();
  await git('check out', [...inside, 'archive', '--format=tar', `--output=${to}.tar`, tree]);
  const { $ } = await import('zx/core');
  const unpacked = await $({ nothrow: true, quiet: true, verbose: false })`tar -xf ${`${to}.tar`} -C ${to}`;
  rmSync(`${to}.tar`);
  if (unpacked.exitCode !== 0)
    throw new Problem({
      message: `${shown(url)} could not be unpacked: it has file names that conflict, or this machine is out of disk space.`,
      stderr: unpacked.stderr.trim().slice(-1000),
      hint: 'See what tar said. Nothing was changed.',
    });
  return { folder: to, origin: { url: shown(url), ref: ref ?? 'HEAD', commit } };
}

async function commitIn(git: Git, inside: readonly string[], ref: string | undefined): Promise<string | undefined> {
  const names =
    ref === undefined ? ['refs/default'] : [`refs/heads/${ref}`, `refs/tags/${ref}`, ...(/^[0-9a-f]{7,64}$/.test(ref) ? [ref] : [])];
  for (const name of names) {
    const found = await git(undefined, [...inside, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
    if (/^[0-9a-f]{40,64}$/.test(found.trim())) return found.trim();
  }
  return undefined;
}

function noCommit(url: string, ref: string | undefined): never {
  throw new Problem({
    message: `${shown(url)} has no branch, tag or commit ${JSON.stringify(ref ?? 'HEAD')}.`,
    hint: 'Correct the ref, or push it there first. Nothing was changed.',
  });
}

/** Runs git and returns what it prints. `what` says in a Problem what git could not do with the repository; without it, a failure is an answer. */
type Git = (what: string | undefined, words: readonly string[]) => Promise<string>;

async function gitFor(url: string): Promise<Git> {
  const { $, which } = await import('zx/core');
  if (!(await which('git', { nothrow: true })))
    throw new Problem({
      message: 'There is no git on this machine.',
      hint: 'Install it, or name a folder as app.source. Nothing was changed.',
    });
  const inherited = process.env;
  const configured = async (name: string) =>
    (
      await $({ env: { ...inherited, LC_ALL: 'C' }, nothrow: true, quiet: true, verbose: false })`git config --get ${name}`
    ).stdout.trim() !== '';
  const credentials = credentialsIn(url, Boolean(inherited.GIT_ASKPASS) || (await configured('core.askPass')));
  const settings = [['safe.bareRepository', 'all'], ...credentials.settings];
  // What the caller passes this way, such as a CI's credentials, stays.
  const first = Number(inherited.GIT_CONFIG_COUNT) || 0;
  const env = {
    ...inherited,
    // Nobody is there to be asked, and no other protocol is used.
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
  return async (what, words) => {
    const { stdout, stderr, exitCode } = await $({
      env: { ...env, ...ssh },
      nothrow: true,
      quiet: true,
      verbose: false,
    })`git ${[...words]}`;
    if (exitCode === 0 || what === undefined) return stdout;
    throw new Problem({
      message: `git could not ${what} ${shown(url)}.`,
      stderr: stderr.replaceAll(url, shown(url)).replaceAll(withoutSecrets(url), shown(url)).trim().slice(-1000),
      hint: 'Try it by hand: git ls-remote. git itself looks up the key or the token. Nothing was changed.',
    });
  };
}

/** A folder for one checkout. Those of processes that were killed are swept after a day. */
async function freshFolder(): Promise<string> {
  const all = await privateFolder('checkouts');
  for (const name of await readdir(all)) {
    const path = join(all, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > 24 * 3_600_000) await rm(path, { recursive: true, force: true });
  }
  const folder = join(all, randomBytes(8).toString('hex'));
  await mkdir(folder, { mode: 0o700 });
  process.once('exit', () => {
    for (const path of [folder, `${folder}.tar`]) rmSync(path, { recursive: true, force: true });
  });
  return folder;
}

/** A URL as it may be shown and recorded: no user, password or token in it, a password that holds `@` included. */
export function shown(url: string): string {
  // A password with a slash in it is no valid URL, and is not to be seen either.
  const authority = /^[\w+.-]+:\/\//.test(url) && !URL.canParse(url) ? /^([\w+.-]+:\/\/).*@/s : /^([\w+.-]+:\/\/)[^/?#]*@/;
  return url.replace(authority, '$1').replace(/^([\w+.-]+:\/\/[^?]*)\?.*$/s, '$1');
}

/** The URL for git's command line, which every account of this machine can read: user and password are passed in its environment. */
function withoutSecrets(url: string): string {
  return /^https?:\/\//i.test(url) ? url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1') : url;
}

/** Refuses what could reach a server only by the command line of git or ssh. Neither works with the usual servers either. */
function requireNoOpenSecret(url: string): void {
  const left = withoutSecrets(url);
  const refuse = (what: string, hint: string) =>
    new Problem({
      message: `The URL of ${shown(url)} has ${what}, which every user of this machine could read while git runs.`,
      hint: `${hint} Nothing was changed.`,
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
 * The user and password of a URL, as settings that hold for its host alone. A user without a password logs in with an empty one,
 * as a token does, once the helpers that git knows have none; `asks` says that a program of the caller's is asked instead.
 */
function credentialsIn(url: string, asks: boolean): Credentials {
  const none = { settings: [], environment: {} };
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return none;
  const { origin, username, password } = new URL(url);
  const [user, secret] = [decoded(username), decoded(password)];
  if (user === '' && secret === '') return none;
  if (user === '') {
    // git takes no empty user from a helper.
    const login = Buffer.from(`:${secret}`).toString('base64');
    return { settings: [[`http.${origin}.extraHeader`, `Authorization: Basic ${login}`]], environment: {} };
  }
  const isWhole = /^[a-z]+:\/\/[^/?#@]*:/i.test(url);
  if (!isWhole && asks) return { settings: [[`credential.${origin}.username`, user]], environment: {} };
  const answer = `printf 'username=%s\\npassword=%s\\n' "$FOOBAR_GIT_USER" "$FOOBAR_GIT_PASSWORD"`;
  const helper = `credential.${origin}.helper`;
  return {
    settings: [
      // An empty one first: a whole login comes before what other helpers know, and a user alone after it.
      isWhole ? [helper, ''] : [`credential.${origin}.username`, user],
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
