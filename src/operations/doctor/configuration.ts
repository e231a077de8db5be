import { hostWithEveryRole, type InventoryHost } from '../../config/inventory.ts';
import type { UserConfig } from '../../config-file/define.ts';
import { namedHosts } from '../../config-file/inventory.ts';
import { load } from '../../config-file/load.ts';
import { Problem } from '../../error.ts';
import type { Examined } from '../event.ts';
import { requireSupportedServers } from '../supported-servers.ts';

/** What the command line says about the configuration and its servers. */
export interface NamedConfig {
  /** The configuration file; by default one of the usual names. */
  readonly configFile?: string | undefined;
  /** The environment whose overlay is merged over it. */
  readonly environment?: string | undefined;
  /** The server that is the target of the command. */
  readonly server?: string | undefined;
  /** The server of the inventory to examine. */
  readonly host?: string | undefined;
  /** The site to examine; by default the first one. */
  readonly site?: string | undefined;
}

/** The findings about the configuration, the hosts to examine, and the domain of the site to examine. */
export interface ExaminedConfig {
  readonly found: readonly Examined[];
  readonly hosts: readonly InventoryHost[];
  readonly domain: string | undefined;
}

/** Examines the configuration and the servers that it and the command line name. */
export async function examineConfig({ configFile, environment, server, host, site }: NamedConfig): Promise<ExaminedConfig> {
  try {
    const { config, file, overlay } = await load(() => import('../../index.ts'), configFile, environment);
    const hosts = namedHosts(config, { ...(server !== undefined && { server }), ...(host !== undefined && { host }) });
    const files = [overlay, file].filter((each) => each !== undefined).join(' over ');
    const found: readonly Examined[] = files === '' ? [] : [{ name: 'configuration', state: 'ok', detail: files }];
    return { found: [...found, ...examineServers(hosts)], hosts, domain: domainIn(config, site) };
  } catch (error) {
    return { found: [missing('configuration', error)], hosts: server === undefined ? [] : [hostWithEveryRole(server)], domain: undefined };
  }
}

/** Returns the domain of the named site, or of the first one. Throws a Problem if there is no such site. */
function domainIn({ sites, domain: only }: UserConfig, named: string | undefined): string | undefined {
  const domains = (sites ?? [{ domain: only }]).flatMap(({ domain }) => domain ?? []);
  if (named === undefined || domains.includes(named)) return named ?? domains[0];
  throw new Problem({
    message: `The configuration has no site ${named}.`,
    hint: domains.length > 0 ? `Choose one of ${domains.join(', ')} with --site.` : 'Leave out --site, or name the domain with --domain.',
  });
}

function examineServers(hosts: readonly InventoryHost[]): readonly Examined[] {
  try {
    requireSupportedServers(hosts);
    return [];
  } catch (error) {
    return [missing('servers', error)];
  }
}

/** Returns a Problem as a finding. Other errors are thrown again. */
function missing(name: string, error: unknown): Examined {
  if (!(error instanceof Problem)) throw error;
  const { message, hint } = error.details;
  return { name, state: 'missing', detail: message, ...(hint && { hint }) };
}
