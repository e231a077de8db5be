import type { Site } from '../config/config.ts';
import { remembers } from '../engine/manifest.ts';
import type { Survey } from '../engine/survey.ts';
import type { TlsCheck } from '../health/tls.ts';
import { checkTls } from '../health/tls.ts';
import { nginxSnippet } from '../host-paths.ts';
import type { Transport } from '../transport/transport.ts';
import { within } from '../within.ts';

/** The timeout of two connections. If they take longer, HTTPS is not proven yet. */
const timeoutSeconds = 3;

/**
 * Resolves to whether HTTPS has worked from outside: the handshake, a chain that browsers trust, and the redirect from HTTP. Once is
 * enough, because HSTS then lasts for years; the host's manifest records it.
 */
export async function isProven(site: Site, survey: Survey, transport: Transport): Promise<boolean> {
  const { certificate, authorities, hsts } = site.https;
  if (certificate.kind === 'none' || certificate.kind === 'self-signed' || hsts === 0) return false;
  if (remembers(survey.remembered, { kind: 'file', id: nginxSnippet(site.domain, 'hsts') })) return true;
  if (!remembers(survey.remembered, { kind: 'file', id: nginxSnippet(site.domain, 'tls') })) return false;
  const check: TlsCheck = {
    port: 443,
    names: site.names.slice(0, 1),
    issuer: certificate.kind === 'own' ? 'own' : 'ca',
    ...(authorities && { authorities }),
  };
  const context = { transport, addresses: survey.facts.addresses, secret: survey.secret };
  try {
    const { ok, warning } = await within(timeoutSeconds, (signal) => checkTls(check, context, signal));
    return ok && warning === undefined;
  } catch {
    return false;
  }
}
