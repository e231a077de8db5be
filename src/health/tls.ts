import type { TLSSocket } from 'node:tls';
import { type ExpectedCertificate, judgeCertificate, type PresentedCertificate } from './certificate.ts';
import { defineCheck, type Explained, type Finding } from './check.ts';
import { connect, placeOf } from './connect.ts';
import type { HealthContext } from './context.ts';
import { ask } from './http.ts';
import { ofTheApplication, oneLine, reason } from './reason.ts';
import { secure } from './secure.ts';

/**
 * What to check: the TLS handshake that a visitor makes with the canonical name (the chain, the names, the validity period), and the
 * redirect from HTTP.
 */
export interface TlsCheck extends Explained, ExpectedCertificate {
  readonly port: number;
  /** Set if HTTP stays open, so that it is not expected to redirect. */
  readonly isHttpOpen?: boolean;
  /** Additional trusted CAs in PEM format. */
  readonly authorities?: string;
}

/** The common name (CN) of the self-signed certificates that a run creates; see create_certificate in files/run/self-signed.sh. */
const selfMade = 'self-signed by foobar-provision';

/** Checks a visitor's handshake, and then the redirect from HTTP to HTTPS. */
export async function checkTls(check: TlsCheck, context: HealthContext, signal: AbortSignal): Promise<Finding> {
  const [canonical = ''] = check.names;
  const socket = await secure(await connect(context, check.port, signal), canonical, signal, check.authorities);
  const finding = judgeCertificate(check, shownBy(socket), Date.now());
  socket.destroy();
  if (!finding.ok || finding.warning !== undefined || check.isHttpOpen) return finding;
  const { status, location } = await ask({ host: canonical, path: '/' }, 80, context, signal);
  if (status === 301 && location === `https://${canonical}/`) return finding;
  return {
    ...finding,
    warning: `http://${canonical}/ does not redirect permanently (301) to https://${canonical}/ (${status}${location ? ` to ${oneLine(location, 100)}` : ''})`,
  };
}

function shownBy(socket: TLSSocket): PresentedCertificate {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) throw new Error('the server presented no certificate');
  const issuer = certificate.issuer.split('\n');
  const part = (key: string) => issuer.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  const distrust = socket.authorizationError;
  return {
    // Names are checked separately from the chain.
    covers: (name) => certificate.checkHost(name) !== undefined,
    from: Date.parse(certificate.validFrom),
    to: Date.parse(certificate.validTo),
    issuer: oneLine([part('O'), part('CN')].filter(Boolean).join(' '), 80),
    isSelfMade: part('CN') === selfMade && certificate.issuer === certificate.subject,
    ...(distrust && !/ALTNAME|HAS_EXPIRED|NOT_YET_VALID/.test(String(distrust)) && { distrust: oneLine(String(distrust), 80) }),
    protocol: socket.getProtocol() ?? 'TLS',
  };
}

export const tlsCheck = defineCheck<TlsCheck>({
  hop: 'tls',
  place: 'encryption',
  ask: checkTls,
  failure: ({ port }, context, error) => reason(error, placeOf(context, port), ofTheApplication),
});
