import { Problem } from '../../error.ts';

/**
 * Returns a public OpenPGP key in the ASCII-armored form that apt accepts (RFC 9580, 6.2). A binary key is converted. Throws a Problem if
 * it is not a public key.
 */
export function armored(bytes: Buffer, path: string): string {
  const text = bytes.toString('latin1');
  if (text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) return bytes.toString('utf8');
  if (!isPublicKey(bytes))
    throw new Problem({
      message: `${path} is not a public OpenPGP key${text.includes('-----BEGIN PGP PRIVATE KEY') ? ': it is a private one' : ''}.`,
      hint: 'Download the key that the repository publishes for its packages.',
    });
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PGP PUBLIC KEY BLOCK-----', '', ...lines, `=${checksum(bytes)}`, '-----END PGP PUBLIC KEY BLOCK-----', ''].join('\n');
}

/** Returns whether the first packet is a public key (tag 6), in the old or the new format (RFC 9580, 4.2). */
function isPublicKey(bytes: Buffer): boolean {
  const [first = 0] = bytes;
  return first >> 6 === 0b11 ? (first & 0x3f) === 6 : first >> 6 === 0b10 && ((first >> 2) & 0xf) === 6;
}

/** Returns the CRC-24 of RFC 9580, 6.1.1, in base64. */
function checksum(bytes: Buffer): string {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? ((crc << 1) ^ 0x1864cfb) & 0xffffff : crc << 1;
  }
  return Buffer.from([crc >> 16, (crc >> 8) & 0xff, crc & 0xff]).toString('base64');
}
