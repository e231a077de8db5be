import { createHash, createHmac, randomBytes } from 'node:crypto';

/** One line of a known_hosts file; the format is sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
export interface KnownHost {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly marker?: string;
  /** As written: a comma list of patterns, or one hashed name. */
  readonly patterns: string;
  readonly type: string;
  readonly key: Buffer;
}

export type Verdict =
  | { readonly kind: 'match' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly file: string; readonly line: number }
  | { readonly kind: 'revoked'; readonly file: string; readonly line: number };

/** Parses a known_hosts file. Skips comments and damaged lines, as OpenSSH does. Never throws. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split(/\r?\n/).flatMap((source, index) => {
    const match = /^\s*(?:(@\S+)\s+)?([^\s#@]\S*)\s+(\S+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(source);
    const [, marker, patterns, type, base64] = match ?? [];
    if (patterns === undefined || type === undefined || base64 === undefined) return [];
    const key = Buffer.from(base64, 'base64');
    if (keyType(key) !== type) return [];
    return [{ file, line: index + 1, ...(marker !== undefined && { marker }), patterns, type, key }];
  });
}

/**
 * Compares a key that a host presented with the known keys. A host that is known only by keys of other types
 * counts as changed, not as unknown, because an attacker in between could choose the type.
 */
export function judge(entries: readonly KnownHost[], host: string, port: number, key: Buffer): Verdict {
  const known = forHost(entries, host, port);
  const revoked = known.find((entry) => entry.marker === '@revoked' && entry.key.equals(key));
  if (revoked !== undefined) return { kind: 'revoked', file: revoked.file, line: revoked.line };
  const plain = known.filter((entry) => entry.marker === undefined);
  if (plain.some((entry) => entry.key.equals(key))) return { kind: 'match' };
  const first = plain.find((entry) => entry.type === keyType(key)) ?? plain[0];
  return first === undefined ? { kind: 'unknown' } : { kind: 'changed', file: first.file, line: first.line };
}

// SHA-1 signatures (`ssh-rsa`) are left out, as OpenSSH has done since 8.8.
const algorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** Returns the signature algorithms to offer a host, those of its known keys first, so that it presents a key that we know. */
export function orderAlgorithms(entries: readonly KnownHost[], host: string, port: number): (typeof algorithms)[number][] {
  const types = new Set(forHost(entries, host, port).flatMap((entry) => (entry.marker === undefined ? entry.type : [])));
  const known = (algorithm: string) => types.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
  return algorithms.toSorted((a, b) => Number(known(b)) - Number(known(a)));
}

function forHost(entries: readonly KnownHost[], host: string, port: number): readonly KnownHost[] {
  const name = nameOf(host, port);
  return entries.filter((entry) => names(entry.patterns, name));
}

/** Returns a host's name as in known_hosts: in brackets and with its port unless that is 22. */
export function nameOf(host: string, port: number): string {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

function names(patterns: string, name: string): boolean {
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(patterns);
  if (hashed?.[1] !== undefined && hashed[2] !== undefined) return hash(name, Buffer.from(hashed[1], 'base64')) === hashed[2];
  const list = patterns.toLowerCase().split(',');
  const hits = list.filter((pattern) => glob(pattern.replace(/^!/, ''), name));
  return hits.length > 0 && !hits.some((pattern) => pattern.startsWith('!'));
}

/**
 * Matches a pattern in which `*` is any run of characters and `?` any one character; brackets are literal. Runs in quadratic time at worst.
 */
function glob(pattern: string, name: string): boolean {
  let [p, n, star, mark] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') [star, mark, p] = [p, n, p + 1];
    else if (pattern[p] === '?' || pattern[p] === name[n]) [p, n] = [p + 1, n + 1];
    else if (star >= 0) [mark, n, p] = [mark + 1, mark + 1, star + 1];
    else return false;
  }
  return /^\**$/.test(pattern.slice(p));
}

function hash(name: string, salt: Buffer): string {
  return createHmac('sha1', salt).update(name).digest('base64');
}

/** Returns the line that records a key, with its newline. The name is hashed if ssh_config says `HashKnownHosts yes`. */
export function knownHostLine(host: string, port: number, key: Buffer, hashed: boolean): string {
  const name = nameOf(host, port);
  const salt = randomBytes(20);
  return `${hashed ? `|1|${salt.toString('base64')}|${hash(name, salt)}` : name} ${keyType(key)} ${key.toString('base64')}\n`;
}

/** Returns a key's fingerprint as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Returns the type that a public key's bytes begin with (RFC 4253, 6.6), or an empty string if they begin with none. */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return length <= 64 && key.length >= 4 + length ? key.toString('latin1', 4, 4 + length) : '';
}
