import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { domainName } from '../../config/domain.ts';
import { Problem } from '../../error.ts';

/** What a folder tells about the site that lives in it. */
export interface Here {
  readonly folder: string;
  /** Names in the folder. */
  readonly names: readonly string[];
  /** The text of `.git/config`, where the folder is a repository's. */
  readonly git?: string;
  /** The text of `composer.json`. */
  readonly composer?: string;
}

export async function look(folder: string): Promise<Here> {
  const text = async (path: string) => readFile(join(folder, path), 'utf8').catch(() => undefined);
  const [names, git, composer] = await Promise.all([readdir(folder).catch(() => []), text('.git/config'), text('composer.json')]);
  return { folder, names, ...(git !== undefined && { git }), ...(composer !== undefined && { composer }) };
}

/** The domain that is probably meant: the repository's name, composer's homepage or name, or the folder's, whichever looks like one first. */
export function domainHere({ folder, git = '', composer = '' }: Here): string {
  const candidates = [
    // The last part of origin's address: git@github.com:acme/example.com.git
    /\[remote "origin"\][^[]*?^\s*url\s*=\s*\S*[/:]([^/\s]+?)(?:\.git)?\/?\s*$/m.exec(git)?.[1],
    /"homepage"\s*:\s*"https?:\/\/([^/":]+)/.exec(composer)?.[1],
    /"name"\s*:\s*"[^/"]*\/([^"]+)"/.exec(composer)?.[1],
    basename(folder),
  ];
  return candidates.map((candidate) => candidate && domainLike(candidate)).find(Boolean) || 'www.foobar.com';
}

/** Endings of file names and of networks of one's own, which no public domain has or is likely meant by. */
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

/** Whether the folder looks like an application that could be served, and by what. */
export function applicationHere({ names }: Here): string | undefined {
  return ['index.php', 'public', 'web', 'htdocs', 'public_html', 'composer.json', 'index.html'].find((name) => names.includes(name));
}
