import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Secret } from '../command/secret.ts';
import type { Acme, Certificate, Https } from '../config/config.ts';
import { letsEncrypt } from '../config/lets-encrypt.ts';
import { Problem } from '../error.ts';
import type { UserHttps, UserSite } from './define.ts';

/** Two years in seconds, as Mozilla recommends. */
const twoYears = 63_072_000;

/**
 * Returns the user's HTTPS settings with all defaults. Reads the certificate and key that they name. Rejects with a Problem if these cannot
 * be used.
 */
export async function httpsOf(said: UserSite['https'], canonical: string, folder: string): Promise<Https> {
  const given: UserHttps = typeof said === 'object' ? said : {};
  const authorities = given.caBundle && (await read(resolve(folder, given.caBundle), 'https.caBundle'));
  return {
    certificate: await certificateOf(said, given, canonical, folder),
    guideline: given.tls ?? 'intermediate',
    hsts: given.hsts ?? twoYears,
    proven: false,
    redirects: true,
    ...(authorities && { authorities }),
  };
}

async function certificateOf(said: UserSite['https'], given: UserHttps, canonical: string, folder: string): Promise<Certificate> {
  if (said === false) return { kind: 'none' };
  if (given.certificate && given.key) return own(resolve(folder, given.certificate), resolve(folder, given.key), canonical);
  const mode = typeof said === 'string' ? said : said === true ? 'on' : (given.mode ?? 'auto');
  if (mode === 'self-signed') return { kind: 'self-signed' };
  return { kind: mode === 'on' ? 'acme' : 'auto', acme: acmeOf(given) };
}

function acmeOf({ directory, staging, email }: UserHttps): Acme {
  const asked = directory ?? (staging ? letsEncrypt.staging : letsEncrypt.directory);
  return { directory: asked, ...(asked === letsEncrypt.directory && { rehearsal: letsEncrypt.staging }), ...(email && { email }) };
}

async function own(path: string, keyPath: string, canonical: string): Promise<Certificate> {
  const [chain, key] = [await read(path, 'https.certificate'), await read(keyPath, 'https.key')];
  const certificate = parsed(path, () => new X509Certificate(chain));
  const secret = parsed(keyPath, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(secret)) throw unusable(`${keyPath} is not the private key of ${path}.`);
  if (certificate.checkHost(canonical) === undefined)
    throw unusable(
      `The certificate ${path} is not for ${canonical}, which is the site's first name (${certificate.subjectAltName ?? 'it names none'}).`,
    );
  if (Date.parse(certificate.validTo) < Date.now()) throw unusable(`The certificate ${path} expired on ${certificate.validTo}.`);
  return { kind: 'own', chain, key: new Secret(key) };
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    // The parser's message may quote a key, so it is left out.
    throw new Problem({
      message: `${path} cannot be used: it must be PEM text, and a key must not have a passphrase.`,
      cause: cause instanceof Error ? cause.name : undefined,
    });
  }
}

async function read(path: string, what: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Problem({
      message: `${path}, which ${what} names, cannot be read.`,
      hint: 'Correct it and run again.',
      cause,
    });
  });
}

function unusable(message: string): Problem {
  return new Problem({ message, hint: 'Correct https in the configuration and run again.' });
}
