import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { domainName } from '../../config/domain.ts';
import { Problem } from '../../error.ts';

/** What a project folder shows about its site. */
export interface Here {
  readonly folder: string;
  /** The names in the folder. */
  readonly names: readonly string[];
  /** The text of `.git/config`, if the folder is a repository. */
  readonly git?: string;
  /** The text of `composer.json`. */
  readonly composer?: string;
  /** The names of the variables in `.env`. */
  readonly env?: readonly string[];
}

export async function look(folder: string): Promise<Here> {
  const text = async (path: string) => readFile(join(folder, path), 'utf8').catch(() => undefined);
  const [names, git, composer, dotenv] = await Promise.all([
    readdir(folder).catch(() => []),
    text('.git/config'),
    text('composer.json'),
    text('.env'),
  ]);
  return {
    ...{ folder, names },
    ...(git !== undefined && { git }),
    ...(composer !== undefined && { composer }),
    ...(dotenv !== undefined && { env: [...dotenv.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)=/gm)].map(([, name = '']) => name) }),
  };
}

/**
 * Returns the most likely domain: the first of the repository's name, composer's homepage or name, and the folder's name that looks like a
 * domain.
 */
export function domainHere({ folder, git = '', composer = '' }: Here): string {
  const candidates = [
    // This matches the last part of origin's URL: git@github.com:acme/example.com.git
    /[/:]([^/:]+?)(?:\.git)?\/?$/.exec(remoteIn(git) ?? '')?.[1],
    /"homepage"\s*:\s*"https?:\/\/([^/":]+)/.exec(composer)?.[1],
    /"name"\s*:\s*"[^/"]*\/([^"]+)"/.exec(composer)?.[1],
    basename(folder),
  ];
  return candidates.map((candidate) => candidate && domainLike(candidate)).find(Boolean) || 'www.foobar.com';
}

/** The suffixes of file names and of private networks, which are not public domains. */
const notDomains =
  /\.(js|ts|php|py|rb|rs|css|html?|json|md|local|localhost|test|example|invalid|lan|home|internal|intranet|bak|old|tmp|git)$/;

function domainLike(text: string): string | undefined {
  try {
    const domain = domainName(text).replace(/^www\./, '');
    return /\.[a-z]{2,}$/.test(domain) && !notDomains.test(domain) ? domain : undefined;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Returns the URL of the remote `origin` in the text of `.git/config`. */
export function remoteIn(git: string): string | undefined {
  return /\[remote "origin"\][^[]*?^\s*url\s*=\s*(\S+)\s*$/m.exec(git)?.[1];
}

/** Returns why the folder looks like an application, if it does. */
export function applicationHere({ names }: Here): string | undefined {
  return ['index.php', 'public', 'web', 'htdocs', 'public_html', 'composer.json', 'package.json', 'index.html'].find((name) =>
    names.includes(name),
  );
}
