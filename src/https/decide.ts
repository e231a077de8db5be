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

/** A configuration whose HTTPS settings have been decided, with what is known about its names. */
export interface Decision {
  readonly config: Config;
  /**
   * The names that point to the host, and all names of sites without HTTPS or with a self-signed certificate, which are not looked up.
   * Undefined if no nameserver answered for the names of one of the other sites.
   */
  readonly pointingNames?: readonly string[];
  /** Sentences for the user. */
  readonly notes: readonly string[];
  /** The sites whose HTTPS waits until their names point to the host, each with the changes to make in DNS. */
  readonly waiting: readonly { readonly domain: string; readonly advice: string }[];
}

/** Starts looking up the names of sites that use a CA, while the connection is being made. */
export function anticipate(config: Config): void {
  for (const name of config.sites.filter(asksCa).flatMap(({ names }) => names)) lookUpCached(name).catch(() => {});
}

/**
 * Decides what the playbooks cannot find out themselves: whether a site with automatic HTTPS gets it in this run, whether HTTPS has been
 * seen to work from outside, which name is canonical, and whether HTTP redirects. HTTPS that the host's manifest records stays on,
 * whatever happens to DNS.
 */
export async function decide(config: Config, survey: Survey, transport: Transport): Promise<Decision> {
  const sites = await Promise.all(config.sites.map((site) => decideSite(site, survey, transport)));
  const [first, ...rest] = sites.map(({ site }) => site);
  if (!first) throw new RangeError('a configuration must have at least one site');
  const pointing = sites.flatMap(({ pointingNames }) => pointingNames ?? []);
  return {
    config: { ...config, sites: [first, ...rest] },
    ...(sites.every(({ pointingNames }) => pointingNames !== undefined) && { pointingNames: pointing }),
    notes: sites.flatMap(({ notes }) => notes),
    waiting: sites.flatMap(({ site, advice }) => (advice === undefined ? [] : [{ domain: site.domain, advice }])),
  };
}

interface Decided {
  readonly site: Site;
  readonly pointingNames?: readonly string[];
  readonly notes: readonly string[];
  /** The changes to make in DNS so that the canonical name points to the host. Missing if it does already. */
  readonly advice?: string;
}

async function decideSite(original: Site, survey: Survey, transport: Transport): Promise<Decided> {
  const decided = await decideCertificate(original, survey, transport);
  if (!isSecure(decided.site)) return decided;
  const { pointingNames, notes } = decided;
  const destination = parseDestination(survey.observed.get(`app ${original.domain}`) ?? '');
  const about = survey.remembered.manifest?.about;
  const canonical = about?.secure.includes(original.domain) ? formerCanonical(original, about) : undefined;
  const former = canonical === undefined ? undefined : { canonical, isOpen: about?.open?.includes(original.domain) === true };
  const wasDnsChecked = original.https.certificate.kind !== 'self-signed';
  const followed = followApplication(decided.site, destination, { ...(wasDnsChecked && { pointingNames }), former });
  return { ...decided, site: followed.site, notes: [...notes, ...followed.notes] };
}

/** Decides, from where the site's names point, whether it gets a CA certificate, which name is canonical, and whether HTTP may redirect. */
async function decideCertificate(site: Site, survey: Survey, transport: Transport): Promise<Decided> {
  const { certificate } = site.https;
  if (certificate.kind === 'none' || certificate.kind === 'self-signed') return { site, pointingNames: site.names, notes: [] };
  const [names, hasWorked] = await Promise.all([namesOf(site, survey, transport), isProven(site, survey, transport)]);
  const redirects = names.loop === undefined;
  const proven = hasWorked && redirects;
  const https = { ...site.https, proven, redirects };
  const loops = names.loop === undefined ? [] : [names.loop];
  const { pointingNames, advice, caaRecord } = names;
  if (certificate.kind === 'own') return { site: { ...site, https }, ...(pointingNames && { pointingNames }), notes: loops };
  const hasCertificate = remembers(survey.remembered, { kind: 'certificate', id: site.domain });
  const former = hasCertificate ? formerCanonical(site, survey.remembered.manifest?.about) : undefined;
  const canonical = canonicalFor(site, { pointingNames, former });
  const pointsHere = pointingNames?.includes(canonical) === true;
  const on = certificate.kind === 'acme' || pointsHere || hasCertificate;
  const decided: Site = {
    ...withCanonical(site, canonical),
    https: { ...https, certificate: on ? { kind: 'acme', acme: certificate.acme } : { kind: 'none' } },
  };
  const known = { ...(pointingNames && { pointingNames }), site: decided };
  if (!pointsHere) {
    const all = [advice, caaRecord && `create ${caaRecord}`].filter(Boolean).join('; ') || undefined;
    const notes = all !== undefined && !(on && proven) ? [`HTTPS for ${site.domain} waits for DNS: ${all}.`] : [];
    return { ...known, notes: [...notes, ...(on ? loops : [])], ...(all !== undefined && { advice: all }) };
  }
  const waitsFor = twinsOf(site).filter((name) => !pointingNames.includes(name));
  return {
    ...known,
    notes: [
      ...(waitsFor.length > 0 && advice !== undefined
        ? [`${canonical} gets HTTPS; HTTPS for ${waitsFor.join(' and ')} waits for DNS: ${advice}.`]
        : []),
      ...(caaRecord
        ? [`CAA records in DNS do not allow Let's Encrypt to issue a certificate for ${site.domain}: create ${caaRecord}.`]
        : []),
      ...loops,
    ],
  };
}

async function namesOf(site: Site, survey: Survey, transport: Transport) {
  const { facts, secret } = survey;
  const isPublic = isLetsEncrypt(site);
  const lookups = await Promise.all(site.names.map(lookUpCached));
  const token = secret(hostToken);
  const here = { addresses: [...facts.addresses, transport.address], token, isPublic };
  const each = await Promise.all(lookups.map(async (lookup) => ({ lookup, pointsHere: await pointsToHost(lookup, here) })));
  const misdirected = each.filter(({ pointsHere }) => !pointsHere).map(({ lookup }) => lookup);
  const advice = misdirected.length > 0 ? judge(misdirected, facts.addresses, transport.address, false).warning : undefined;
  const caaRecords = isPublic ? await Promise.all(site.names.map((name) => missingCaaRecord(name, 'letsencrypt.org'))) : [];
  const caaRecord = [...new Set(caaRecords)].filter(Boolean).join(' and ') || undefined;
  return {
    loop: await tlsEndsBefore(site, lookups, here, survey),
    pointingNames: each.every(({ pointsHere }) => pointsHere === undefined)
      ? undefined
      : each.flatMap(({ lookup, pointsHere }) => (pointsHere ? [lookup.name] : [])),
    advice,
    caaRecord,
  };
}

function asksCa({ https }: Site): boolean {
  return https.certificate.kind === 'auto' || https.certificate.kind === 'acme';
}

function isLetsEncrypt({ https: { certificate } }: Site): boolean {
  if (certificate.kind !== 'auto' && certificate.kind !== 'acme') return false;
  return certificate.acme.directory === letsEncrypt.directory || certificate.acme.directory === letsEncrypt.staging;
}
