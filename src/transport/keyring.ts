import { existsSync } from 'node:fs';
import ssh2, { type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import { reveal } from '../command/secret.ts';
import { agentKeys, type OfferedKey } from './agent-keys.ts';
import { type KeyFile, readKeyFile, unlock } from './key-file.ts';
import type { Ask } from './options.ts';

/** The keys of one login in the order in which they are offered, and the reasons why others are missing. */
export interface Keyring {
  readonly keys: readonly OfferedKey[];
  /** For each unusable key of the user, a sentence that says why, without a full stop. */
  readonly notes: string[];
}

/**
 * Gathers the keys in this order: the agent's keys that are also in a file, the agent's other keys, then the keys of the other files. With
 * `only`, the agent's other keys are left out. A locked file is decrypted once the host has accepted its public key.
 */
export async function gatherKeys(
  paths: readonly string[],
  agent: string | undefined,
  only: boolean,
  ask: Ask | undefined,
): Promise<Keyring> {
  const notes: string[] = [];
  const [files, fromAgent] = await Promise.all([Promise.all(paths.map(readKeyFile)), agent === undefined ? [] : agentKeys(agent)]);
  for (const { path, kind } of files) {
    if (kind !== 'absent' && existsSync(`${path}-cert.pub`)) notes.push(`${path}-cert.pub is a certificate, which this program cannot use`);
  }
  const named = new Set(files.flatMap((file) => ('public' in file ? file.public?.toString('base64') : undefined)));
  const first = fromAgent.filter((key) => named.has(key.id));
  const others = only ? [] : fromAgent.filter((key) => !named.has(key.id));
  const missing = files.filter((file) => !('public' in file) || !fromAgent.some((key) => key.id === file.public?.toString('base64')));
  const fromFiles = await Promise.all(missing.map((file) => offer(file, ask, notes)));
  return { keys: [...first, ...others, ...fromFiles.flatMap((key) => key ?? [])], notes };
}

async function offer(file: KeyFile, ask: Ask | undefined, notes: string[]): Promise<OfferedKey | undefined> {
  switch (file.kind) {
    case 'absent':
      return undefined;
    case 'useless':
      notes.push(file.reason);
      return undefined;
    case 'public':
      notes.push(`${file.path} is only the public half, and no agent has the private one`);
      return undefined;
    case 'ready':
      return fromKey(file.path, file.public, async () => file.key);
    case 'locked': {
      if (ask === undefined) {
        notes.push(`${file.path} is locked by a passphrase and nobody can be asked for it`);
        return undefined;
      }
      const open = once(() => askPassphrase(file.path, file.text, ask, notes));
      const bytes = file.public ?? (await open())?.getPublicSSH();
      return bytes && fromKey(file.path, bytes, open);
    }
  }
}

function fromKey(label: string, bytes: Buffer, open: () => Promise<ParsedKey | undefined>): OfferedKey {
  return { id: bytes.toString('base64'), label, bytes, sign: async (data, hash) => (await open())?.sign(data, hash) };
}

async function askPassphrase(path: string, text: string, ask: Ask, notes: string[]): Promise<ParsedKey | undefined> {
  for (const prompt of ['Passphrase', 'Wrong passphrase. Passphrase', 'Wrong passphrase. Passphrase']) {
    const answer = await ask(`${prompt} for ${path}`, false);
    if (answer === undefined) break;
    const key = unlock(text, reveal(answer));
    if (key !== undefined) return key;
  }
  notes.push(`${path} stayed locked: its passphrase was not given`);
  return undefined;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Sent if the agent or the user refuses to sign. The host rejects it, and the next key is tried. */
const noSignature = Buffer.alloc(64);

/** Wraps the keyring as an agent, because ssh2 offers only an agent's keys one by one, and asks only an agent for a signature when it needs it. */
export function asAgent(keyring: Keyring): InstanceType<typeof ssh2.BaseAgent> {
  const find = (key: ParsedKey) => keyring.keys.find(({ bytes }) => bytes.equals(key.getPublicSSH()));
  // ssh2 recognizes an agent only by its class.
  return new (class extends ssh2.BaseAgent<Buffer | string | ParsedKey> {
    getIdentities(callback: (error: Error | undefined, keys?: Buffer[]) => void): void {
      callback(
        undefined,
        keyring.keys.map(({ bytes }) => bytes),
      );
    }

    sign(key: Buffer | string | ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, callback?: SignCallback): void {
      const done = typeof options === 'function' ? options : callback;
      const hash = typeof options === 'function' ? undefined : options.hash;
      const offered = typeof key === 'object' && 'getPublicSSH' in key ? find(key) : undefined;
      const signature = offered === undefined ? Promise.resolve(undefined) : offered.sign(data, hash);
      signature.then(
        (bytes) => done?.(undefined, bytes ?? noSignature),
        () => done?.(undefined, noSignature),
      );
    }
  })();
}
