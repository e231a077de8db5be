import { lookUpCached } from '../dns/lookup.ts';
import { defineCheck, type Finding } from './check.ts';
import type { HealthContext } from './context.ts';
import { judge } from './dns-records.ts';
import { reason } from './reason.ts';

/** Checks that each name's A and AAAA records point to this host. */
export interface DnsCheck {
  readonly names: readonly string[];
  /** Whether a mismatch is a failure, because something depends on DNS, and not only a warning. */
  readonly required: boolean;
  /** Names whose addresses, its own or a proxy's, lead to this host. */
  readonly reached?: readonly string[];
}

/** Checks that every name points to this host only. Asks the authoritative nameservers of all names in parallel. */
export async function checkDns(check: DnsCheck, context: HealthContext): Promise<Finding> {
  const lookups = await Promise.all(check.names.map(context.lookUp ?? lookUpCached));
  return judge(lookups, context.addresses, context.transport.address, check.required, check.reached);
}

export const dnsCheck = defineCheck<DnsCheck>({
  hop: 'dns',
  place: 'name',
  ask: checkDns,
  failure: (_, __, error) => reason(error, 'the nameservers'),
});
