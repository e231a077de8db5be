import { createHash } from 'node:crypto';
import { Problem } from '../error.ts';

/** A public key that may log in over SSH. */
export interface SshKey {
  readonly type: string;
  readonly base64: string;
  /** What follows the key on its line, often `user@machine`; empty if there is nothing. */
  readonly comment: string;
}

/** The public keys of one person. */
export interface Person {
  readonly name: string;
  readonly keys: readonly SshKey[];
}

/** The key types that sshd accepts, with the names that ssh-keygen(1) shows. DSA was removed from OpenSSH. */
const types: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'ED25519',
  'ssh-rsa': 'RSA',
  'ecdsa-sha2-nistp256': 'ECDSA',
  'ecdsa-sha2-nistp384': 'ECDSA',
  'ecdsa-sha2-nistp521': 'ECDSA',
  'sk-ssh-ed25519@openssh.com': 'ED25519-SK',
  'sk-ecdsa-sha2-nistp256@openssh.com': 'ECDSA-SK',
};

/** sshd is configured to refuse shorter RSA keys. */
const leastRsaBits = 2048;

/** Parses public keys, one a line, as in an `authorized_keys` file. `origin` is where the text is from. Throws a Problem if there is none, or another line. */
export function parseSshKeys(text: string, origin: string): readonly SshKey[] {
  if (/^-----BEGIN .*PRIVATE KEY-----/m.test(text))
    throw new Problem({
      message: `${origin} is a private key, which must stay where it is.`,
      hint: 'Use the public key, whose file ends in .pub.',
    });
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => parseLine(line, origin));
  if (keys.length === 0) throw new Problem({ message: `There is no public key in ${origin}.`, hint });
  return keys;
}

const hint = 'A public key is one line such as: ssh-ed25519 AAAAC3Nza… anna@laptop';

function parseLine(line: string, origin: string): SshKey {
  const [type = '', base64 = '', ...rest] = line.split(/\s+/);
  const at = `${origin} has a line that is not a public key: ${line.length > 40 ? `${line.slice(0, 40)}…` : line}`;
  if (!Object.hasOwn(types, type)) {
    const isWithOptions = Object.keys(types).some((each) => line.includes(` ${each} `));
    throw new Problem({ message: at, hint: isWithOptions ? 'Options before a key are not supported: keep the key alone.' : hint });
  }
  const blob = Buffer.from(base64, 'base64');
  const fields = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? fieldsOf(blob) : [];
  if (fields.length < 2 || fields[0]?.toString('latin1') !== type)
    throw new Problem({ message: at, hint: 'The key is incomplete. Copy the whole line from the file that ends in .pub.' });
  const bits = bitsOf(type, blob);
  if (type === 'ssh-rsa' && bits < leastRsaBits)
    throw new Problem({
      message: `${origin} has an RSA key of ${bits} bits, and the host accepts RSA keys from ${leastRsaBits} bits on.`,
      hint: 'Make a new key: ssh-keygen -t ed25519',
    });
  return { type, base64, comment: rest.join(' ').replaceAll(/\P{ASCII}|\p{Cc}/gu, '?') };
}

/** Splits a key into its fields, each with its length before it (RFC 4253, 6.6). Returns nothing if a length does not fit. */
function fieldsOf(blob: Buffer): readonly Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    if (at + 4 > blob.length) return [];
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return [];
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** Returns the size of a key: that of an RSA key's modulus, and one size each for other types. */
export function bitsOf(type: string, blob: Buffer): number {
  if (type !== 'ssh-rsa') return Number(/nistp(\d+)/.exec(type)?.[1] ?? 256);
  const [, , modulus = Buffer.alloc(0)] = fieldsOf(blob);
  const first = modulus.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (modulus.length - first) * 8 - (Math.clz32(modulus[first] ?? 0) - 24);
}

/** Returns the key as a line of an `authorized_keys` file. */
export function lineOf({ type, base64, comment }: SshKey): string {
  return `${type} ${base64} ${comment}`.trim();
}

/** Returns the key as ssh-keygen(1) shows it: `ED25519 SHA256:… anna@laptop`. */
export function describeSshKey({ type, base64, comment }: SshKey): string {
  const fingerprint = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64').replace(/=+$/, '');
  return `${types[type] ?? type} SHA256:${fingerprint} ${comment}`.trim();
}
