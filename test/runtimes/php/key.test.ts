import { describe, expect, test } from 'vitest';
import { armored } from '../../../src/runtimes/php/key.ts';

/** A minimal packet of a public key, old format: tag 6, two octets of length. */
const binary = Buffer.from([0x99, 0x00, 0x08, 0x04, 0x65, 0x00, 0x00, 0x00, 0x16, 0x01, 0x02]);

describe('the key of an apt repository', () => {
  test('is armored where it is binary', () => {
    expect(armored(binary, 'apt.gpg')).toBe(`-----BEGIN PGP PUBLIC KEY BLOCK-----

mQAIBGUAAAAWAQI=
=xCJ+
-----END PGP PUBLIC KEY BLOCK-----
`);
  });

  test('stays as it is where it is armored', () => {
    const text = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQAIBGUAAAAWAQI=\n-----END PGP PUBLIC KEY BLOCK-----\n';
    expect(armored(Buffer.from(text), 'apt.asc')).toBe(text);
  });

  test.each([
    ['a page that says that there is none', '<html>404</html>', '/key is not a public OpenPGP key.'],
    ['a private key', '-----BEGIN PGP PRIVATE KEY BLOCK-----\n', '/key is not a public OpenPGP key: it is a private one.'],
    ['nothing', '', '/key is not a public OpenPGP key.'],
  ])('is refused: %s', (_, content, message) => {
    expect(() => armored(Buffer.from(content), '/key')).toThrow(message);
  });
});
