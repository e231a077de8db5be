import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, expect, test } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { readKeyFile, unlock } from '../../src/transport/key-file.ts';
import { gatherKeys } from '../../src/transport/keyring.ts';

const directory = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A key that ssh2 makes, so that the tests need no ssh-keygen. */
function make(name: string, passphrase?: string): { path: string; public: string } {
  const generate = () =>
    passphrase === undefined
      ? ssh2.utils.generateKeyPairSync('ed25519')
      : ssh2.utils.generateKeyPairSync('ed25519', { passphrase, cipher: 'aes256-cbc', rounds: 1 });
  let keys = generate();
  // Some three in a thousand of the keys that ssh2 makes are malformed, for ssh-keygen too.
  while (ssh2.utils.parseKey(keys.private, passphrase) instanceof Error) keys = generate();
  const path = join(directory, name);
  writeFileSync(path, keys.private);
  return { path, public: keys.public };
}

function fidoKey(): string {
  const part = (bytes: Buffer | string) => {
    const body = Buffer.from(bytes);
    return Buffer.concat([Buffer.from([0, 0, 0, body.length]), body]);
  };
  const half = Buffer.concat([part('sk-ssh-ed25519@openssh.com'), part('key'), part('ssh:')]);
  const bytes = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    part('none'),
    part('none'),
    part(''),
    Buffer.from([0, 0, 0, 1]),
    part(half),
    part(''),
  ]);
  const path = join(directory, 'id_ed25519_sk');
  writeFileSync(path, `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`);
  return path;
}

test('a plain key is ready', async () => {
  const { path } = make('plain');
  expect(await readKeyFile(path)).toMatchObject({ kind: 'ready', path });
});

test('a locked key shows its public half, and is unlocked only by its passphrase', async () => {
  const { path, public: half } = make('locked', 'open sesame');
  const file = await readKeyFile(path);
  expect(file).toMatchObject({ kind: 'locked', public: Buffer.from(half.split(' ')[1] ?? '', 'base64') });
  if (file.kind !== 'locked') return;
  expect(unlock(file.text, 'wrong')).toBeUndefined();
  expect(unlock(file.text, 'open sesame')?.isPrivateKey()).toBe(true);
});

test('an unusable key has a reason', async () => {
  const text = join(directory, 'notes');
  writeFileSync(text, 'not a key');
  expect(await readKeyFile(join(directory, 'nowhere'))).toMatchObject({ kind: 'absent' });
  expect(await readKeyFile(text)).toMatchObject({ kind: 'useless', reason: expect.stringContaining('is not a key') });
  expect(await readKeyFile(directory)).toMatchObject({ kind: 'useless', reason: expect.stringContaining('cannot be read') });
  expect(await readKeyFile(fidoKey())).toMatchObject({ kind: 'useless', reason: expect.stringContaining('FIDO') });
});

test('a public half without a private one is for an agent', async () => {
  const { public: half } = make('halved');
  const path = join(directory, 'halved.pub');
  writeFileSync(path, half);
  expect(await readKeyFile(path)).toMatchObject({ kind: 'public' });
  const keyring = await gatherKeys([path], undefined, true, undefined);
  expect(keyring).toEqual({ keys: [], notes: [expect.stringContaining('only the public half')] });
});

test('nobody is asked for a passphrase before the host wants the key', async () => {
  const { path } = make('later', 'pass');
  const asked: string[] = [];
  const keyring = await gatherKeys([path], undefined, false, async (prompt) => {
    asked.push(prompt);
    return new Secret('pass');
  });
  expect([keyring.keys.length, asked.length]).toEqual([1, 0]);
  expect(await keyring.keys[0]?.sign(Buffer.from('data'))).toBeInstanceOf(Buffer);
  expect(await keyring.keys[0]?.sign(Buffer.from('data'))).toBeInstanceOf(Buffer);
  expect(asked).toEqual([`Passphrase for ${path}`]);
});

test('for a locked key in the old format without a public half, the passphrase is asked for first', async () => {
  const path = join(directory, 'old');
  try {
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-m', 'PEM', '-N', 'pass1', '-f', path]);
  } catch {
    return console.log('The old kind of key is not tested: there is no ssh-keygen.');
  }
  rmSync(`${path}.pub`);
  chmodSync(path, 0o600);
  const keyring = await gatherKeys([path], undefined, false, async () => new Secret('pass1'));
  expect(keyring.keys).toHaveLength(1);
});

test('a certificate beside a key is mentioned', async () => {
  const { path } = make('certified');
  writeFileSync(`${path}-cert.pub`, 'ssh-ed25519-cert-v01@openssh.com AAAA');
  expect((await gatherKeys([path], undefined, false, undefined)).notes).toEqual([expect.stringContaining('certificate')]);
});
