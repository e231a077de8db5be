import type { Lookup } from '../dns/lookup.ts';
import { advertised, among, type RecordType } from './addresses.ts';
import type { Finding } from './check.ts';

interface Host {
  readonly isOwn: (address: string) => boolean;
  readonly expected: Readonly<Partial<Record<RecordType, string>>>;
}

const types: readonly RecordType[] = ['A', 'AAAA'];

/**
 * Compares lookups with the host's own addresses and the one that we connected to. Returns the evidence for each name, and the records to
 * change for names that do not point to the host. If no nameserver was reachable, the cause is this machine, so this is only a warning.
 */
export function judge(
  lookups: readonly Lookup[],
  own: readonly string[],
  connected: string,
  required: boolean,
  /** Names that lead to the host through a proxy, whatever their address. */
  reached: readonly string[] = [],
): Finding {
  const host: Host = { isOwn: among([...own, connected]), expected: advertised(own, connected) };
  const isReached = ({ name }: Lookup) => reached.includes(name);
  const wrong = lookups.filter((lookup) => !isReached(lookup) && steps(lookup, host).length > 0);
  // If there are too many to list, the wrong ones come first.
  const listed = lookups.length > maxListed ? [...wrong, ...lookups.filter((lookup) => !wrong.includes(lookup))] : lookups;
  const detail = some(listed.map((lookup) => evidence(lookup, host, isReached(lookup))));
  if (wrong.length === 0) return { ok: true, detail };
  const warning = some(wrong.flatMap((lookup) => steps(lookup, host)));
  const proven = wrong.some((lookup) => lookup.gap !== 'unreachable' || found(lookup).length > 0);
  return required && proven ? { ok: false, detail: `${detail}: ${warning}` } : { ok: true, detail, warning };
}

/** The number of names that a person is willing to read. */
const maxListed = 20;

function some(parts: readonly string[]): string {
  const more = parts.length > maxListed ? [`and ${parts.length - maxListed} more`] : [];
  return [...parts.slice(0, maxListed), ...more].join('; ');
}

function found({ A, AAAA }: Lookup): readonly string[] {
  return [...A, ...AAAA];
}

function evidence(lookup: Lookup, { isOwn }: Host, isReached: boolean): string {
  const addresses = found(lookup);
  if (addresses.length > 0)
    return `${lookup.name} points to ${addresses.join(', ')}${addresses.every(isOwn) ? ', this host' : isReached ? ', which passes requests on to this host' : ''}`;
  if (lookup.gap === 'unreachable') return `no nameserver answered for ${lookup.name}`;
  if (lookup.gap === 'failing') return `the nameservers fail for ${lookup.name}`;
  return `${lookup.name} has no address`;
}

/** Returns the changes after which a name points only to this host, with records in zone file format. */
function steps(lookup: Lookup, host: Host): readonly string[] {
  const corrections = types.flatMap((type) => correction(lookup, type, host));
  const pointsToHost = types.some(
    (type) => lookup[type].some(host.isOwn) || (lookup[type].length > 0 && host.expected[type] !== undefined),
  );
  return pointsToHost ? corrections : [addition(lookup, host), ...corrections];
}

/**
 * Returns the changes to records of one type that point elsewhere: change one to the host's address, or remove them if that is there
 * already or unknown.
 */
function correction(lookup: Lookup, type: RecordType, { isOwn, expected }: Host): readonly string[] {
  const strangers = lookup[type].filter((address) => !isOwn(address));
  if (strangers.length === 0) return [];
  const wrong = strangers.map((address) => record(lookup.name, type, address)).join(' and ');
  const target = expected[type];
  return target === undefined || lookup[type].some(isOwn)
    ? [`remove ${wrong}`]
    : [`change ${wrong} to ${record(lookup.name, type, target)}`];
}

function addition({ name, gap }: Lookup, { expected }: Host): string {
  const verb = gap === undefined ? 'create' : 'check that there is';
  if (expected.A !== undefined) return `${verb} ${record(name, 'A', expected.A)}`;
  if (expected.AAAA !== undefined) return `${verb} ${record(name, 'AAAA', expected.AAAA)}`;
  return `${verb} an A record of ${name} with this host's address`;
}

function record(name: string, type: RecordType, address: string): string {
  return `${name.replace(/\.$/, '')}. ${type} ${address}`;
}
