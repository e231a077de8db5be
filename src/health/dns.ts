import { Resolver } from 'node:dns/promises';
import type { DnsCheck, Finding } from './check.ts';
import type { HealthContext } from './context.ts';
import { within } from './deadline.ts';
import { judge, type Lookup } from './dns-records.ts';
import { codeOf } from './reason.ts';

/** A nameserver that takes longer than this is no use to a visitor either; a run never waits longer for DNS. */
const seconds = 2;

type Resolving = NonNullable<HealthContext['resolver']>;

/** Every name leads to this host, and nowhere else. The names are asked at once, past this machine's hosts file. */
export async function checkDns(check: DnsCheck, context: HealthContext): Promise<Finding> {
  const resolver = context.resolver ?? new Resolver({ timeout: seconds * 1000, tries: 1 });
  try {
    const lookups = await Promise.all(check.names.map((name) => lookUp(resolver, name)));
    return judge(lookups, context.addresses, context.transport.address, check.required);
  } finally {
    resolver.cancel();
  }
}

async function lookUp(resolver: Resolving, name: string): Promise<Lookup> {
  const [v4, v6] = await Promise.all([ask(() => resolver.resolve4(name)), ask(() => resolver.resolve6(name))]);
  const gap = v4.gap ?? v6.gap;
  return { name, A: v4.addresses, AAAA: v6.addresses, ...(gap === undefined ? {} : { gap }) };
}

async function ask(
  resolve: () => Promise<string[]>,
): Promise<{ readonly addresses: readonly string[]; readonly gap?: 'unreachable' | 'failing' }> {
  try {
    return { addresses: await within(seconds, resolve) };
  } catch (error) {
    switch (codeOf(error)) {
      // No such name, or no such record of it: that is an answer.
      case 'ENOTFOUND':
      case 'ENODATA':
        return { addresses: [] };
      case 'ESERVFAIL':
      case 'EREFUSED':
      case 'EFORMERR':
        return { addresses: [], gap: 'failing' };
      default:
        return { addresses: [], gap: 'unreachable' };
    }
  }
}
