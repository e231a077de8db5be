import { hostWithEveryRole, type InventoryHost } from '../../config/inventory.ts';
import { namedHosts } from '../../config-file/inventory.ts';
import { load } from '../../config-file/load.ts';
import { Problem } from '../../error.ts';
import type { Examined } from '../event.ts';
import { requireOneServer } from '../supported-servers.ts';

/** What the command line says of the configuration and its servers. */
export interface NamedConfig {
  /** The configuration file; one of the usual names where it is left out. */
  readonly configFile?: string | undefined;
  /** The server that is named as the target. */
  readonly server?: string | undefined;
  /** The one server of the inventory to look at. */
  readonly host?: string | undefined;
}

/** What is found out about the configuration, the hosts to look at, and the first site's domain. */
export interface ExaminedConfig {
  readonly found: readonly Examined[];
  readonly hosts: readonly InventoryHost[];
  readonly domain: string | undefined;
}

/** Looks at the configuration and at the servers that it and the command line name. */
export async function examineConfig({ configFile, server, host }: NamedConfig): Promise<ExaminedConfig> {
  try {
    const { config, file } = await load(() => import('../../index.ts'), configFile);
    const hosts = namedHosts(config, { ...(server !== undefined && { server }), ...(host !== undefined && { host }) });
    const found: readonly Examined[] = file === undefined ? [] : [{ name: 'configuration', state: 'ok', detail: file }];
    return { found: [...found, ...examineServers(hosts)], hosts, domain: config.sites?.[0]?.domain ?? config.domain };
  } catch (error) {
    return { found: [missing('configuration', error)], hosts: server === undefined ? [] : [hostWithEveryRole(server)], domain: undefined };
  }
}

function examineServers(hosts: readonly InventoryHost[]): readonly Examined[] {
  try {
    requireOneServer(hosts);
    return [];
  } catch (error) {
    return [missing('servers', error)];
  }
}

/** A Problem, as something that is missing; anything else is thrown again. */
function missing(name: string, error: unknown): Examined {
  if (!(error instanceof Problem)) throw error;
  const { message, hint } = error.details;
  return { name, state: 'missing', detail: message, ...(hint && { hint }) };
}
