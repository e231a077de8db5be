import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Person, parseSshKeys, type SshKey } from '../config/ssh-key.ts';
import { messageOf, Problem } from '../error.ts';

/** Returns who may log in, sorted by name, with the keys that the configuration or its files have. */
export async function peopleOf(sshKeys: Readonly<Record<string, string>>, folder: string): Promise<readonly Person[]> {
  const names = Object.keys(sshKeys).sort();
  return Promise.all(names.map(async (name) => ({ name, keys: await keysOf(name, sshKeys[name] ?? '', folder) })));
}

async function keysOf(name: string, stated: string, folder: string): Promise<readonly SshKey[]> {
  // A key has a space behind its type, and a private key or a list of keys has several lines.
  if (/^\s*(?:ssh-|ecdsa-|sk-)\S+\s|\n/.test(stated)) return parseSshKeys(stated, `sshKeys.${name}`);
  const path = stated.startsWith('~/') ? join(homedir(), stated.slice(2)) : resolve(folder, stated);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Problem({
      message: `sshKeys.${name} names the file ${stated}, which cannot be read: ${messageOf(cause)}.`,
      hint: 'Name a file with public keys, such as ~/.ssh/id_ed25519.pub, or write the key itself.',
      cause,
    });
  });
  return parseSshKeys(text, stated);
}
