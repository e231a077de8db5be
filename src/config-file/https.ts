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
export async function httpsOf(stated: UserSite['https'], canonical: string, folder: string): Promise<Https> {
  const settings: UserHttps = typeof stated === 'object' ? stated : {};
  const authorities = settings.caBundle && (await read(resolve(folder, settings.caBundle), 'https.caBundle'));
  return {
    certificate: await certificateOf(stated, settings, canonical, folder),
    guideline: settings.tls ?? 'intermediate',
    hsts: settings.hsts ?? twoYears,
    proven: false,
    redirects: true,
    ...(authorities && { authorities }),
  };
}

/** Returns the `https` of a site, without our HSTS if `web.headers` has that header. Throws a Problem if both are configured. */
export function withOneHsts({ https, web }: UserSite): UserSite['https'] {
  const header = Object.keys(web?.headers ?? {}).find((name) => name.toLowerCase() === 'strict-transport-security');
  if (header === undefined || https === false) return https;
  const settings: UserHttps = typeof https === 'object' ? https : {};
  if (settings.hsts !== undefined)
    throw new Problem({
      message: `https.hsts and web.headers.${header} both say for how long browsers use only HTTPS.`,
      hint: 'Keep one of the two: https.hsts begins once HTTPS was seen to work.',
    });
  const mode = https === true ? 'on' : typeof https === 'string' ? https : settings.mode;
  return { ...settings, ...(mode && { mode }), hsts: 0 };
}

async function certificateOf(stated: UserSite['https'], settings: UserHttps, canonical: string, folder: string): Promise<Certificate> {
  if (stated === false) return { kind: 'none' };
  if (settings.certificate && settings.key) return own(resolve(folder, settings.certificate), resolve(folder, settings.key), canonical);
  const mode = typeof stated === 'string' ? stated : stated === true ? 'on' : (settings.mode ?? 'auto');
  if (mode === 'self-signed') return { kind: 'self-signed' };
  return { kind: mode === 'on' ? 'acme' : 'auto', acme: acmeOf(settings) };
}

function acmeOf({ directory, staging, email }: UserHttps): Acme {
  const chosen = directory ?? (staging ? letsEncrypt.staging : letsEncrypt.directory);
  return { directory: chosen, ...(chosen === letsEncrypt.directory && { rehearsal: letsEncrypt.staging }), ...(email && { email }) };
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
