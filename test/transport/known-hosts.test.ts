import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprint, judge, keyType, knownHostLine, orderAlgorithms, parseKnownHosts } from '../../src/transport/known-hosts.ts';

function makeKey(type: string, body: string): Buffer {
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return Buffer.concat([part(Buffer.from(type)), part(Buffer.from(body))]);
}

const key = makeKey('ssh-ed25519', 'the key');
const other = makeKey('ssh-ed25519', 'another key');
const ecdsa = makeKey('ecdsa-sha2-nistp256', 'an ecdsa key');
const base64 = key.toString('base64');
const ed = `ssh-ed25519 ${base64}`;

function hashed(name: string): string {
  const salt = Buffer.from('01234567890123456789');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('judge', () => {
  const match = { kind: 'match' };
  const unknown = { kind: 'unknown' };
  const changed = (line = 1) => ({ kind: 'changed', file: 'kh', line });

  test.each<[string, string, string, number, object]>([
    ['an empty file', '', 'web', 22, unknown],
    ['a plain name', `web ${ed}`, 'web', 22, match],
    ['another case', `Web.Example ${ed}`, 'WEB.example', 22, match],
    ['a comment at the end', `web ${ed} root@web`, 'web', 22, match],
    ['Windows line ends', `web ${ed}\r\n`, 'web', 22, match],
    ['tabs and leading space', ` \tweb\t${ed}`, 'web', 22, match],
    ['another name', `webb ${ed}`, 'web', 22, unknown],
    ['a list', `a,web,192.0.2.7 ${ed}`, '192.0.2.7', 22, match],
    ['a wildcard', `*.example ${ed}`, 'web.example', 22, match],
    ['one character', `web? ${ed}`, 'web1', 22, match],
    ['a dot is a dot', `w.b ${ed}`, 'web', 22, unknown],
    ['a negation', `*.example,!web.example ${ed}`, 'web.example', 22, unknown],
    ['a negation of another', `*.example,!db.example ${ed}`, 'web.example', 22, match],
    ['a port', `[web]:2222 ${ed}`, 'web', 2222, match],
    ['no port for 22', `[web]:2222 ${ed}`, 'web', 22, unknown],
    ['the port is part of the name', `web ${ed}`, 'web', 2222, unknown],
    ['hashed', `${hashed('web')} ${ed}`, 'web', 22, match],
    ['hashed, in another case', `${hashed('web')} ${ed}`, 'WEB', 22, match],
    ['hashed with a port', `${hashed('[web]:2222')} ${ed}`, 'web', 2222, match],
    ['hashed, another name', `${hashed('db')} ${ed}`, 'web', 22, unknown],
    ['IPv6', `2001:db8::1 ${ed}`, '2001:db8::1', 22, match],
    ['IPv6 with a port', `[2001:db8::1]:2222 ${ed}`, '2001:db8::1', 2222, match],
    ['a changed key', `# note\nweb ssh-ed25519 ${other.toString('base64')}`, 'web', 22, changed(2)],
    ['one of two keys', `web ssh-ed25519 ${other.toString('base64')}\nweb ${ed}`, 'web', 22, match],
    ['known by another type only', `web ecdsa-sha2-nistp256 ${ecdsa.toString('base64')}`, 'web', 22, changed()],
    [
      'the line of the same type is named',
      `web ecdsa-sha2-nistp256 ${ecdsa.toString('base64')}\nweb ssh-ed25519 ${other.toString('base64')}`,
      'web',
      22,
      changed(2),
    ],
    ['revoked', `@revoked web ${ed}`, 'web', 22, { kind: 'revoked', file: 'kh', line: 1 }],
    ['revoked wins over known', `web ${ed}\n@revoked * ${ed}`, 'web', 22, { kind: 'revoked', file: 'kh', line: 2 }],
    ['another key revoked', `@revoked web ssh-ed25519 ${other.toString('base64')}\nweb ${ed}`, 'web', 22, match],
    ['an authority is not a host key', `@cert-authority *.example ${ed}`, 'web.example', 22, unknown],
    ['a comment', `# web ${ed}`, 'web', 22, unknown],
    ['a damaged line before', `web ssh-ed25519\nweb\n%%% ???\nweb ${ed}`, 'web', 22, match],
    ['a key that lies about its type', `web ssh-rsa ${base64}`, 'web', 22, unknown],
    ['truncated base64', `web ssh-ed25519 AAAA`, 'web', 22, unknown],
  ])('%s', (_, text, host, port, verdict) => {
    expect(judge(parseKnownHosts(text, 'kh'), host, port, key)).toEqual(verdict);
  });
});

test.each([
  ['', 'ssh-ed25519'],
  [`web ${ed}`, 'ssh-ed25519'],
  [`web ecdsa-sha2-nistp256 ${ecdsa.toString('base64')}`, 'ecdsa-sha2-nistp256'],
  [`web ssh-rsa ${makeKey('ssh-rsa', 'x').toString('base64')}`, 'rsa-sha2-512'],
  [`db ecdsa-sha2-nistp256 ${ecdsa.toString('base64')}`, 'ssh-ed25519'],
])('with %j the first algorithm is %s', (text, first) => {
  const order = orderAlgorithms(parseKnownHosts(text, 'kh'), 'web', 22);
  expect(order[0]).toBe(first);
  expect(order).toHaveLength(6);
});

test('a fingerprint is what ssh-keygen prints', () => {
  // The answer is what `ssh-keygen -l` prints for this public key.
  const known = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl', 'base64');
  expect(fingerprint(known)).toBe('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
});

describe('any input', () => {
  const line = fc.oneof(
    fc.string(),
    fc.tuple(fc.string({ unit: 'grapheme-ascii' }), fc.constant(ed)).map((parts) => parts.join(' ')),
    fc.tuple(fc.constantFrom('|1|', '@revoked ', '*', '!', '[', '?,*'), fc.string(), fc.constant(` ${ed}`)).map((parts) => parts.join('')),
  );

  test('never throws, and never matches a key that is not in the file', () => {
    fc.assert(
      fc.property(fc.array(line), fc.string(), fc.integer({ min: 1, max: 65_535 }), fc.uint8Array(), (lines, host, port, bytes) => {
        const entries = parseKnownHosts(lines.join('\n'), 'kh');
        const stranger = makeKey('ssh-ed25519', `x${Buffer.from(bytes).toString('hex').slice(0, 200)}`);
        expect(judge(entries, host, port, stranger).kind).not.toBe('match');
        expect(judge(entries, host, port, Buffer.from(bytes)).kind).not.toBe('match');
        keyType(Buffer.from(bytes));
      }),
    );
  });

  test('a written line is found again, only for its host and port', () => {
    const name = fc.stringMatching(/^[a-z0-9.-]{1,20}$/);
    fc.assert(
      fc.property(name, name, fc.integer({ min: 1, max: 65_535 }), fc.boolean(), (host, another, port, hash) => {
        const entries = parseKnownHosts(knownHostLine(host, port, key, hash), 'kh');
        expect(judge(entries, host, port, key)).toEqual({ kind: 'match' });
        expect(judge(entries, host, port, other).kind).toBe('changed');
        expect(judge(entries, another, port, key).kind).toBe(another === host ? 'match' : 'unknown');
        expect(judge(entries, host, (port % 65_535) + 1, key).kind).toBe('unknown');
      }),
    );
  });

  test('a pattern with many stars is matched quickly', () => {
    const entries = parseKnownHosts(`${'*a'.repeat(500)} ${ed}`, 'kh');
    expect(judge(entries, 'a'.repeat(400), 22, key).kind).toBe('unknown');
  });
});
