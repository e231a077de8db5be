import { isSecure } from '../config/about.ts';
import type { Config, Site } from '../config/config.ts';
import { letsEncrypt } from '../config/lets-encrypt.ts';
import { missingCaaRecord } from '../dns/caa.ts';
import { lookUpCached } from '../dns/lookup.ts';
import { remembers } from '../engine/manifest.ts';
import type { Survey } from '../engine/survey.ts';
import { judge } from '../health/dns-records.ts';
import { hostToken } from '../host-paths.ts';
import type { Transport } from '../transport/transport.ts';
import { followApplication, parseDestination } from './application-names.ts';
import { tlsEndsBefore } from './before-the-host.ts';
import { canonicalFor, formerCanonical, twinsOf, withCanonical } from './canonical.ts';
import { isProven } from './observed.ts';
import { pointsToHost } from './points-here.ts';

/** A configuration in which HTTPS is decided, with what is known about the names. */
export interface Decision {
  readonly config: Config;
  /** The names that point to the host; undefined if DNS could not be asked. */
  readonly resolvingNames?: readonly string[];
  /** Sentences for the user. */
  readonly notes: readonly string[];
  /** The sites whose HTTPS waits for DNS records, with those records. */
  readonly waiting: readonly { readonly domain: string; readonly records: string }[];
}

/** Starts looking up the names that a decision needs, while the connection is made. */
export function anticipate(config: Config): void {
  for (const name of config.sites.filter(asksCa).flatMap(({ names }) => names)) lookUpCached(name).catch(() => {});
}

/**
 * Decides what the playbooks cannot know: whether a site with automatic HTTPS has it, and whether it was proven. HTTPS that the host's
 * manifest has stays on, whatever happens to DNS.
 */
export async function decide(config: Config, survey: Survey, transport: Transport): Promise<Decision> {
  const sites = await Promise.all(config.sites.map((site) => decideSite(site, survey, transport)));
  const [first, ...rest] = sites.map(({ site }) => site);
  if (!first) throw new RangeError('a configuration has a site');
  const pointing = sites.flatMap(({ resolvingNames }) => resolvingNames ?? []);
  return {
    config: { ...config, sites: [first, ...rest] },
    ...(sites.every(({ resolvingNames }) => resolvingNames !== undefined) && { resolvingNames: pointing }),
    notes: sites.flatMap(({ notes }) => notes),
    waiting: sites.flatMap(({ site, records }) => (records === undefined ? [] : [{ domain: site.domain, records }])),
  };
}

interface Decided {
  readonly site: Site;
  readonly resolvingNames?: readonly string[];
  readonly notes: readonly string[];
  readonly records?: string;
}

async function decideSite(given: Site, survey: Survey, transport: Transport): Promise<Decided> {
  const decided = await decideCertificate(given, survey, transport);
  if (!isSecure(decided.site)) return decided;
  const { resolvingNames, notes } = decided;
  const destination = parseDestination(survey.observed.get(`app ${given.domain}`) ?? '');
  const about = survey.remembered.manifest?.about;
  const canonical = about?.secure.includes(given.domain) ? formerCanonical(given, about) : undefined;
  const former = canonical === undefined ? undefined : { canonical, isOpen: about?.open?.includes(given.domain) === true };
  const isAsked = given.https.certificate.kind !== 'self-signed';
  const followed = followApplication(decided.site, destination, { ...(isAsked && { resolvingNames }), former });
  return { ...decided, site: followed.site, notes: [...notes, ...followed.notes] };
}

/** Decides whether the site has a certificate, and what follows from where its names point. */
async function decideCertificate(site: Site, survey: Survey, transport: Transport): Promise<Decided> {
  const { certificate } = site.https;
  if (certificate.kind === 'none' || certificate.kind === 'self-signed') return { site, resolvingNames: site.names, notes: [] };
  const [names, hasWorked] = await Promise.all([namesOf(site, survey, transport), isProven(site, survey, transport)]);
  const redirects = names.loop === undefined;
  const proven = hasWorked && redirects;
  const https = { ...site.https, proven, redirects };
  const loops = names.loop === undefined ? [] : [names.loop];
  const { resolvingNames, advice } = names;
  if (certificate.kind === 'own') return { site: { ...site, https }, ...(resolvingNames && { resolvingNames }), notes: loops };
  const hasCertificate = remembers(survey.remembered, { kind: 'certificate', id: site.domain });
  const former = hasCertificate ? formerCanonical(site, survey.remembered.manifest?.about) : undefined;
  const canonical = canonicalFor(site, { resolvingNames, former });
  const leads = resolvingNames?.includes(canonical) === true;
  const on = certificate.kind === 'acme' || leads || hasCertificate;
  const decided: Site = {
    ...withCanonical(site, canonical),
    https: { ...https, certificate: on ? { kind: 'acme', acme: certificate.acme } : { kind: 'none' } },
  };
  const waitsFor = leads ? twinsOf(site).filter((name) => !resolvingNames?.includes(name)) : [];
  const note = leads
    ? waitsFor.length > 0 &&
      advice !== undefined &&
      `HTTPS for ${waitsFor.join(' and ')} waits for DNS, and ${canonical} has it: ${advice}.`
    : advice !== undefined && !(on && proven) && `HTTPS for ${site.domain} waits for DNS: ${advice}.`;
  return {
    site: decided,
    ...(resolvingNames && { resolvingNames }),
    notes: [...(note ? [note] : []), ...(on ? loops : [])],
    ...(leads || advice === undefined ? {} : { records: advice }),
  };
}

async function namesOf(site: Site, survey: Survey, transport: Transport) {
  const { facts, secret } = survey;
  const isPublic = isLetsEncrypt(site);
  const lookups = await Promise.all(site.names.map(lookUpCached));
  const token = secret(hostToken);
  const here = { addresses: [...facts.addresses, transport.address], token, isPublic };
  const each = await Promise.all(lookups.map(async (lookup) => ({ lookup, leads: await pointsToHost(lookup, here) })));
  const misdirected = each.filter(({ leads }) => !leads).map(({ lookup }) => lookup);
  const advice = misdirected.length > 0 ? judge(misdirected, facts.addresses, transport.address, false).warning : undefined;
  const missingRecord = isPublic ? await missingCaaRecord(site.names[0] ?? site.domain, 'letsencrypt.org') : undefined;
  return {
    loop: await tlsEndsBefore(site, lookups, here, survey),
    resolvingNames: each.every(({ leads }) => leads === undefined)
      ? undefined
      : each.flatMap(({ lookup, leads }) => (leads ? [lookup.name] : [])),
    advice: [advice, missingRecord && `create ${missingRecord}`].filter(Boolean).join('; ') || undefined,
  };
}

function asksCa({ https }: Site): boolean {
  return https.certificate.kind === 'auto' || https.certificate.kind === 'acme';
}

function isLetsEncrypt({ https: { certificate } }: Site): boolean {
  if (certificate.kind !== 'auto' && certificate.kind !== 'acme') return false;
  return certificate.acme.directory === letsEncrypt.directory || certificate.acme.directory === letsEncrypt.staging;
}
