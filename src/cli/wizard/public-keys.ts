import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, Problem } from '../../error.ts';

/** Where public keys can be read. */
export interface PublicKeys {
  /** The public keys of the SSH agent, one a line; empty without an agent. */
  readonly inAgent: () => Promise<string>;
  readonly inFile: (path: string) => Promise<string>;
  /** The text at an `https://` address. */
  readonly at: (url: string) => Promise<string>;
  /** A file of the user with a public key, if there is one. */
  readonly usualFile: () => Promise<string | undefined>;
}

/** A list of keys is a few kB. Whatever is longer is something else. */
const mostBytes = 65_536;
const fetchSeconds = 10;

export const publicKeys: PublicKeys = { inAgent, inFile, at, usualFile };

async function inAgent(): Promise<string> {
  if (!process.env.SSH_AUTH_SOCK) return '';
  // ssh-add fails if the agent has no key, or does not answer.
  return promisify(execFile)('ssh-add', ['-L'], { timeout: 2000 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
}

async function inFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Problem({ message: `${path} cannot be read: ${messageOf(cause)}.`, hint: 'Name a file that ends in .pub.', cause });
  });
}

async function at(url: string): Promise<string> {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new Problem({ message: `${url} is not an https:// address.`, hint: 'Whoever can change the keys on the way could log in.' });
  const refused = (why: string, cause?: unknown) =>
    new Problem({ message: `${url} cannot be read: ${why}.`, hint: 'Try the address in a browser: it shows one key a line.', cause });
  const answer = await fetch(url, { signal: AbortSignal.timeout(fetchSeconds * 1000) }).catch((cause: unknown) => {
    throw refused(cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause), cause);
  });
  if (!answer.ok) throw refused(`the server answers ${answer.status}`);
  if (!answer.url.startsWith('https:')) throw refused(`it redirects to ${answer.url}, which is not encrypted`);
  let text = '';
  const decoder = new TextDecoder();
  const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = answer.body ?? [];
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > mostBytes) throw refused(`it has more than ${mostBytes} bytes, so it is not a list of keys`);
  }
  return text;
}

async function usualFile(): Promise<string | undefined> {
  const names = await readdir(join(homedir(), '.ssh')).catch((): string[] => []);
  const name =
    ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub'].find((each) => names.includes(each)) ?? names.find((each) => each.endsWith('.pub'));
  return name === undefined ? undefined : `~/.ssh/${name}`;
}
