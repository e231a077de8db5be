import { describe, expect, it } from 'vitest';
import { describeSshKey, lineOf, parseSshKeys } from '../../src/config/ssh-key.ts';

const anna = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICNFYj0ey9sv7/2E5z3h4WRzxTzhuaVAgp+IEcQ6CDVg anna@laptop';
/** Made with ssh-keygen, of 1024 bits. */
const short =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC8ZwM3KGmR0A0BI3x94dgWL/fnFY9eLdC6oNCy/EF757bqTTWpkYWM1QDDFOKooIDMxS5Ayq8yJW6sfjhW3Z4yWKe3lYVXUdj1/ex5Gs9pIEDXcsVAJkXWNMzpGFOloGIv8PVj24m69fnPtSjhUBVXKmaeF+cOVa3WMGOr5SVFUw==';
const long =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDkrSVWg/yXvW1y+3854IJTRWp/nLNGxrYQeeWov/cLNUxSNeNZxmPyg3pFvblSIK1kCUObfX7wEIRxuUE6mRl+iw1PARF7BPjHSrnvLRPaF40fAj+EuZikFXC+URW2Tc7eX6An0sd0uslxvvYYiXl/Tx/848/d2wTtlsJOOn8W46aSor4eTHAWAItBk6aFQixdS/QbQlX83Junll2FIrEn9DndcDZS852kc18svstxHqOmBiHb83eGAes2QPCxDGSY1KTOzD9by8NDKvvkAaVIGMAK5njg1X2njlM13UC7lJW2k1zTwNdS3cK30lbKso81sZ0sTZvEP7TFeFCMjx3FNfKxKeslQA4vqoJ55xl9D3m4WaTZ20sl7EDbngVxJ2kco/A0oOdOpNAoLL1y6rt9IhosNU9uQysfrgQ2HBZ/upBvB379UtOaN/VcOcQdXLctprUmlU1VKSqMwElpdejI3/mRQC/X4WId7RO1cXL7hhG9USBeOYT1ZuoNRcIye4E=';

describe('parseSshKeys', () => {
  it('reads a list of keys, without blank lines and comments, and gives each line back', () => {
    const keys = parseSshKeys(`# the team\n${anna}\r\n\n${long} ben\n`, 'keys.txt');
    expect(keys.map(lineOf)).toEqual([anna, `${long} ben`]);
    expect(keys.map(({ comment }) => comment)).toEqual(['anna@laptop', 'ben']);
  });

  it.each([
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n', /keys\.txt is a private key.* public key, whose file ends in \.pub/],
    ['nothing', '\n# only a comment\n', /There is no public key in keys\.txt/],
    ['a page', '<!doctype html>\n', /a line that is not a public key: <!doctype html>/],
    ['a key that was cut', anna.slice(0, 60), /incomplete/],
    ['a key of another type than it says', anna.replace('ssh-ed25519', 'ssh-rsa'), /incomplete/],
    ['a key with options', `command="id" ${anna}`, /Options before a key are not supported/],
    ['DSA', 'ssh-dss AAAAB3NzaC1kc3MAAAEBAKgw me@old', /not a public key/],
    ['a short RSA key', short, /RSA key of 1024 bits.*ssh-keygen -t ed25519/],
  ])('refuses %s', (_, text, message) => {
    const refusal = () => {
      try {
        return parseSshKeys(text, 'keys.txt');
      } catch (error) {
        return error as { message: string; details: { hint?: string } };
      }
    };
    const told = refusal();
    expect('message' in told ? `${told.message} ${told.details.hint}` : told).toMatch(message);
  });

  it('leaves no control character in a comment, which becomes part of a file that root reads', () => {
    expect(parseSshKeys(`${anna}\u0007\u001b[31m é`, 'x').map(lineOf)).toEqual([`${anna}??[31m ?`]);
  });
});

describe('describeSshKey', () => {
  it('shows what ssh-keygen -l shows', () => {
    expect(parseSshKeys(anna, 'x').map(describeSshKey)).toEqual(['ED25519 SHA256:qpLGqxr+eqNCzhT97yNmCVlwnoVWMSAnYtQkJs0PqYk anna@laptop']);
  });
});
