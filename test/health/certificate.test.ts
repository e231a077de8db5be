import { describe, expect, test } from 'vitest';
import { judgeCertificate, type PresentedCertificate } from '../../src/health/certificate.ts';
import type { TlsCheck } from '../../src/health/tls.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-22T00:00:00Z');

/** A certificate with this lifetime and this remaining time, in days. */
function shown(lifetime: number, left: number, more: Partial<PresentedCertificate> = {}): PresentedCertificate {
  return {
    covers: (name) => name.endsWith('foobar.com'),
    from: now - (lifetime - left) * day,
    to: now + left * day,
    issuer: "Let's Encrypt R10",
    isSelfMade: false,
    protocol: 'TLSv1.3',
    ...more,
  };
}

const check: Pick<TlsCheck, 'names' | 'issuer'> = { names: ['www.foobar.com', 'foobar.com'], issuer: 'ca' };

describe('a certificate', () => {
  test.each<readonly [string, PresentedCertificate, Partial<TlsCheck>, object]>([
    ['of 90 days, new', shown(90, 89), {}, { ok: true, detail: "TLSv1.3, by Let's Encrypt R10, 89 days left" }],
    ['of 90 days, before it is renewed', shown(90, 31), {}, { ok: true }],
    [
      'of 90 days, not renewed',
      shown(90, 29),
      {},
      { ok: true, warning: 'less than a third of its 90 days is left: it should have been renewed' },
    ],
    ['of 90 days, about to end', shown(90, 8), {}, { ok: false, detail: expect.stringContaining('about to expire') }],
    ['of 45 days, before it is renewed', shown(45, 16), {}, { ok: true }],
    ['of 45 days, not renewed', shown(45, 14), {}, { ok: true, warning: expect.stringContaining('third of its 45 days') }],
    ['of 45 days, about to end', shown(45, 4), {}, { ok: false, detail: expect.stringContaining('about to expire') }],
    ['of 6 days, before it is renewed', shown(6, 3), {}, { ok: true, detail: expect.stringContaining('3 days left') }],
    ['of 6 days, about to end', shown(6, 0.5), {}, { ok: false, detail: expect.stringContaining('12 hours left') }],
    ['that has expired', shown(90, -2), {}, { ok: false, detail: expect.stringContaining('expired 2 days ago') }],
    ['of tomorrow', shown(90, 91), {}, { ok: false, detail: expect.stringContaining('is a clock wrong?') }],
    [
      'of another name',
      shown(90, 80, { covers: () => false }),
      {},
      { ok: false, detail: expect.stringContaining('is not for www.foobar.com') },
    ],
    [
      'without one alias',
      shown(90, 80),
      { names: ['www.foobar.com', 'foobar.example'] },
      { ok: true, warning: 'it is not for foobar.example' },
    ],
    [
      'of a CA that nobody trusts',
      shown(90, 80, { distrust: 'SELF_SIGNED_CERT_IN_CHAIN' }),
      {},
      { ok: false, detail: expect.stringContaining('SELF_SIGNED_CERT_IN_CHAIN') },
    ],
    [
      "of one's own that nobody trusts",
      shown(90, 80, { distrust: 'X' }),
      { issuer: 'own' },
      { ok: true, warning: 'browsers do not trust its CA (X)' },
    ],
    [
      'of a staging CA',
      shown(90, 80, { distrust: 'X', issuer: "(STAGING) Let's Encrypt" }),
      {},
      { ok: true, warning: 'browsers do not trust its CA (X)' },
    ],
    [
      'that stands in',
      shown(3650, 3650, { isSelfMade: true, distrust: 'X' }),
      {},
      { ok: true, warning: expect.stringContaining('pending') },
    ],
    [
      'that stands in for nothing',
      shown(3650, 3650, { isSelfMade: true, distrust: 'X' }),
      { issuer: 'self' },
      { ok: true, detail: 'TLSv1.3, self-signed, 3650 days left' },
    ],
    ["that stands where one's own should", shown(3650, 3650, { isSelfMade: true }), { issuer: 'own' }, { ok: false }],
  ])('%s', (_, seen, more, expected) => {
    const finding = judgeCertificate({ ...check, ...more }, seen, now);
    expect(finding).toMatchObject(expected);
    if (!('warning' in expected)) expect(finding.warning).toBeUndefined();
  });
});
