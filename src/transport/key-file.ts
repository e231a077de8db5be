import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { keyType } from './known-hosts.ts';

/** The content of an identity file. */
export type KeyFile =
  | { readonly kind: 'absent'; readonly path: string }
  /** A private key that is ready to sign. */
  | { readonly kind: 'ready'; readonly path: string; readonly public: Buffer; readonly key: ParsedKey }
  /** A private key with a passphrase. Its public half is known unless the file has the old PEM format and no `.pub` beside it. */
  | { readonly kind: 'locked'; readonly path: string; readonly public?: Buffer; readonly text: string }
  /** Only the public half; an agent may have the private one. */
  | { readonly kind: 'public'; readonly path: string; readonly public: Buffer }
  /** Nothing usable, with the reason. */
  | { readonly kind: 'useless'; readonly path: string; readonly reason: string };

/** Reads an identity file. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const text = await readText(path);
  if (text === undefined) return { kind: 'absent', path };
  if (text instanceof Error) return { kind: 'useless', path, reason: `${path} cannot be read (${text.message})` };
  const bytes = publicHalf(text) ?? publicLine(await readText(`${path}.pub`));
  const type = bytes === undefined ? '' : keyType(bytes);
  if (type.startsWith('sk-'))
    return { kind: 'useless', path, reason: `${path} is a FIDO key (${type}), which this program cannot use itself` };
  const key = parse(text);
  if (key instanceof Error) {
    return /passphrase/i.test(key.message)
      ? { kind: 'locked', path, text, ...(bytes !== undefined && { public: bytes }) }
      : { kind: 'useless', path, reason: `${path} is not a key that this program can read (${key.message})` };
  }
  if (key.isPrivateKey()) return { kind: 'ready', path, key, public: key.getPublicSSH() };
  return { kind: 'public', path, public: key.getPublicSSH() };
}

/** Decrypts a locked key. Returns undefined if the passphrase is wrong. */
export function unlock(text: string, passphrase: string): ParsedKey | undefined {
  const key = parse(text, passphrase);
  return key instanceof Error || !key.isPrivateKey() ? undefined : key;
}

function parse(text: string, passphrase?: string): ParsedKey | Error {
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase);
  return (Array.isArray(parsed) ? parsed[0] : parsed) ?? new Error('the file is empty');
}

async function readText(path: string): Promise<string | Error | undefined> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR') ? undefined : error;
  }
}

function publicLine(text: string | Error | undefined): Buffer | undefined {
  const base64 = typeof text === 'string' ? /^\S+ ([A-Za-z0-9+/]+=*)/.exec(text)?.[1] : undefined;
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

/** Returns the public key, which OpenSSH's private format contains unencrypted before the encrypted part (its PROTOCOL.key). */
function publicHalf(text: string): Buffer | undefined {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const next = () => {
    const start = at + 4;
    at = start + bytes.readUInt32BE(at);
    return bytes.subarray(start, at);
  };
  try {
    for (const _ of ['cipher', 'key derivation', 'its options']) next();
    at += 4; // the number of keys, always one
    return next();
  } catch {
    return undefined;
  }
}
