import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll } from 'vitest';

/** Creates a temporary folder with an SSH key for the tests of a file, and removes it after them. */
export function temporaryIdentity(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  const key = ssh2.utils.generateKeyPairSync('ed25519');
  const identity = join(folder, 'key');
  writeFileSync(identity, key.private, { mode: 0o600 });
  return { folder, key, identity };
}
