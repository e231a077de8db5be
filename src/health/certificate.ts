import type { Finding } from './check.ts';

/** The certificate that a site should have. */
export interface ExpectedCertificate {
  /** The canonical name first. */
  readonly names: readonly string[];
  /** Who should have signed it: a CA that may still be pending, the user's own, or the certificate itself. */
  readonly issuer: 'ca' | 'own' | 'self';
}

/** The certificate that a server presented in a handshake. */
export interface PresentedCertificate {
  readonly covers: (name: string) => boolean;
  /** The start and end of its validity, in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** The issuer, in one line. */
  readonly issuer: string;
  /** Whether it is a self-signed one that a run has created. */
  readonly isSelfMade: boolean;
  /** Why its chain is not trusted; undefined if it is. */
  readonly distrust?: string;
  /** `TLSv1.3` */
  readonly protocol: string;
}

const day = 86_400_000;

/** Fractions of its lifetime. certbot renews when a third is left, so less is late, and less than a tenth is an emergency. */
const [late, urgent] = [1 / 3, 1 / 10];

/** Judges whether visitors get an encrypted connection without a warning, and for how long. `now` is in milliseconds since 1970. */
export function judgeCertificate(
  { names, issuer }: Pick<ExpectedCertificate, 'names' | 'issuer'>,
  shown: PresentedCertificate,
  now: number,
): Finding {
  const [canonical = ''] = names;
  const left = shown.to - now;
  const detail = `${shown.protocol}, ${shown.isSelfMade ? 'self-signed' : `by ${shown.issuer}`}, ${time(left)} left`;
  const wrong = (why: string): Finding => ({ ok: false, detail: `${why} (${detail})` });
  if (shown.isSelfMade && issuer === 'ca') return { ok: true, detail, warning: pending };
  if (shown.isSelfMade && issuer === 'own') return wrong('the server uses a different certificate than the configuration');
  if (left <= 0) return wrong(`the certificate expired ${time(-left)} ago`);
  if (shown.from > now) return wrong(`the certificate is valid only from ${new Date(shown.from).toISOString()} on: is a clock wrong?`);
  if (!shown.covers(canonical)) return wrong(`the certificate is not for ${canonical}`);
  const part = left / (shown.to - shown.from);
  if (issuer !== 'self' && part < urgent) return wrong('the certificate is about to expire, and was not renewed');
  if (shown.distrust !== undefined && issuer === 'ca' && !/staging/i.test(shown.issuer))
    return wrong(`browsers do not trust it: ${shown.distrust}`);
  const warnings = [
    ...(issuer !== 'self' && shown.distrust !== undefined ? [`browsers do not trust its CA (${shown.distrust})`] : []),
    ...(issuer !== 'self' && part < late
      ? [`less than a third of its ${time(shown.to - shown.from)} is left: it should have been renewed`]
      : []),
    ...names.filter((name) => !shown.covers(name)).map((name) => `it is not for ${name}`),
  ];
  return warnings.length === 0 ? { ok: true, detail } : { ok: true, detail, warning: warnings.join('; ') };
}

const pending =
  'the certificate is pending: the site is reachable over HTTP, and the host asks the CA again by itself, as does the next run';

function time(milliseconds: number): string {
  const [amount, unit] = milliseconds >= 2 * day ? [milliseconds / day, 'days'] : [milliseconds / 3_600_000, 'hours'];
  return `${Math.floor(amount)} ${unit}`;
}
