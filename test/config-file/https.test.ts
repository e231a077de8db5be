import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reveal } from '../../src/command/secret.ts';
import { letsEncrypt } from '../../src/config/lets-encrypt.ts';
import type { UserSite } from '../../src/config-file/define.ts';
import { httpsOf, withOneHsts } from '../../src/config-file/https.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'https-'));
  const make = (name: string, days: string, names: string) =>
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', days, '-subj', '/CN=x'],
        ...['-addext', `subjectAltName=${names}`, '-keyout', `${name}.key`, '-out', `${name}.pem`],
      ],
      { cwd: folder, stdio: 'ignore' },
    );
  make('good', '90', 'DNS:www.foobar.com');
  make('wild', '90', 'DNS:*.foobar.com');
  make('other', '90', 'DNS:example.com');
  writeFileSync(join(folder, 'text.pem'), 'hunter2\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const https = (said: UserSite['https']) => httpsOf(said, 'www.foobar.com', folder);
const usual = { directory: letsEncrypt.directory, rehearsal: letsEncrypt.staging };

describe('https', () => {
  test.each<readonly [UserSite['https'], object]>([
    [undefined, { certificate: { kind: 'auto', acme: usual }, guideline: 'intermediate', hsts: 63_072_000, proven: false }],
    ['auto', { certificate: { kind: 'auto', acme: usual } }],
    [{}, { certificate: { kind: 'auto', acme: usual } }],
    [true, { certificate: { kind: 'acme', acme: usual } }],
    [{ mode: 'on', email: 'a@b.example' }, { certificate: { kind: 'acme', acme: { ...usual, email: 'a@b.example' } } }],
    [false, { certificate: { kind: 'none' } }],
    ['self-signed', { certificate: { kind: 'self-signed' } }],
    [
      { mode: 'self-signed', tls: 'modern', hsts: 0 },
      { certificate: { kind: 'self-signed' }, guideline: 'modern', hsts: 0 },
    ],
    // Who is on a staging CA has nobody to ask before it, and neither has another CA's customer.
    [{ staging: true }, { certificate: { kind: 'auto', acme: { directory: letsEncrypt.staging } } }],
    [{ directory: 'https://ca.example/dir' }, { certificate: { kind: 'auto', acme: { directory: 'https://ca.example/dir' } } }],
    [{ caBundle: 'good.pem' }, { authorities: expect.stringContaining('BEGIN CERTIFICATE') }],
  ])('%j', async (said, expected) => {
    expect(await https(said)).toMatchObject(expected);
  });

  test.each<readonly [UserSite, UserSite['https'] | RegExp]>([
    [{ https: { hsts: 9 }, web: { headers: { 'X-A': 'b' } } }, { hsts: 9 }],
    [{ web: { headers: { 'strict-transport-security': 'max-age=9' } } }, { hsts: 0 }],
    [
      { https: 'self-signed', web: { headers: { 'Strict-Transport-Security': false } } },
      { mode: 'self-signed', hsts: 0 },
    ],
    [
      { https: true, web: { headers: { 'Strict-Transport-Security': 'max-age=9' } } },
      { mode: 'on', hsts: 0 },
    ],
    [{ https: false, web: { headers: { 'Strict-Transport-Security': 'max-age=9' } } }, false],
    [{ https: { hsts: 9 }, web: { headers: { 'Strict-Transport-Security': 'max-age=9' } } }, /https\.hsts and web\.headers/],
  ])('HSTS is configured once: %j', (site, expected) => {
    if (expected instanceof RegExp) expect(() => withOneHsts(site)).toThrow(expected);
    else expect(withOneHsts(site)).toEqual(expected);
  });

  test.each(['good', 'wild'])('a certificate of the user: %s', async (name) => {
    const { certificate } = await https({ certificate: `${name}.pem`, key: `${name}.key` });
    expect(certificate).toMatchObject({ kind: 'own', chain: expect.stringContaining('BEGIN CERTIFICATE') });
    expect(JSON.stringify(certificate)).not.toContain('PRIVATE KEY');
    expect(certificate.kind === 'own' && reveal(certificate.key)).toContain('PRIVATE KEY');
  });

  test.each([
    ['none.pem', 'good.key', /none\.pem, which https\.certificate names, cannot be read/],
    ['good.pem', 'other.key', /other\.key is not the private key of .*good\.pem/],
    ['other.pem', 'other.key', /is not for www\.foobar\.com.*DNS:example\.com/],
    ['text.pem', 'good.key', /text\.pem cannot be used/],
    ['good.pem', 'text.pem', /text\.pem cannot be used/],
  ])('%s with %s is refused', async (certificate, key, message) => {
    await expect(https({ certificate, key })).rejects.toThrow(message);
  });
});
