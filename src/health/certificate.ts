import type { Finding } from './check.ts';

/** The certificate that a site should have. */
export interface ExpectedCertificate {
  /** The canonical one first. */
  readonly names: readonly string[];
  /** Who should have signed: a CA that may still be asked, the owner's, or the certificate itself. */
  readonly issuer: 'ca' | 'own' | 'self';
}

/** What a server showed in a handshake. */
export interface Shown {
  readonly covers: (name: string) => boolean;
  /** Milliseconds since 1970: when it began to hold, and when it ends. */
  readonly from: number;
  readonly to: number;
  /** One line: who signed it. */
  readonly issuer: string;
  /** Whether it is one that a run has made up on the host. */
  readonly isSelfMade: boolean;
  /** Why its chain leads to no CA that counts; undefined where it does. */
  readonly distrust?: string;
  /** `TLSv1.3` */
  readonly protocol: string;
}

const day = 86_400_000;

/** Parts of its lifetime: certbot renews at a third, so less is late, and less than a tenth an emergency, whatever lifetime CAs agree on. */
const [late, urgent] = [1 / 3, 1 / 10];

/** Whether visitors get an encrypted connection without a warning, and for how long still. `now` is in milliseconds since 1970. */
export function judgeCertificate({ names, issuer }: Pick<ExpectedCertificate, 'names' | 'issuer'>, shown: Shown, now: number): Finding {
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
