import { lookUpCached } from '../dns/lookup.ts';
import { defineCheck, type Finding } from './check.ts';
import type { HealthContext } from './context.ts';
import { judge } from './dns-records.ts';
import { reason } from './reason.ts';

/** Each name's A and AAAA records lead to this host. */
export interface DnsCheck {
  readonly kind: 'dns';
  readonly hop: 'dns';
  readonly names: readonly string[];
  /** A mismatch is a warning until something depends on DNS. */
  readonly required: boolean;
}

/** Every name leads to this host, and nowhere else. The names are asked at once, at their own nameservers. */
export async function checkDns(check: DnsCheck, context: HealthContext): Promise<Finding> {
  const lookups = await Promise.all(check.names.map(context.lookUp ?? lookUpCached));
  return judge(lookups, context.addresses, context.transport.address, check.required);
}

export const dns = defineCheck<DnsCheck>({
  kind: 'dns',
  ask: checkDns,
  failure: (_, __, error) => reason(error, 'the nameservers'),
});
