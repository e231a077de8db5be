import { lookUpFresh } from '../dns/lookup.ts';
import type { DnsCheck, Finding } from './check.ts';
import type { HealthContext } from './context.ts';
import { judge } from './dns-records.ts';

/** Every name leads to this host, and nowhere else. The names are asked at once, at their own nameservers. */
export async function checkDns(check: DnsCheck, context: HealthContext): Promise<Finding> {
  const lookups = await Promise.all(check.names.map(context.lookUp ?? lookUpFresh));
  return judge(lookups, context.addresses, context.transport.address, check.required);
}
