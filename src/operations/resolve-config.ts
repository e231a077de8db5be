import { site } from '../../playbooks/site.ts';
import type { Config, Site } from '../config/config.ts';
import type { InventoryHost } from '../config/inventory.ts';
import { complete, type Overrides } from '../config-file/complete.ts';
import type { UserConfig } from '../config-file/define.ts';
import { namedHosts } from '../config-file/inventory.ts';
import { load } from '../config-file/load.ts';
import type { Playbook } from '../engine/playbook.ts';
import type { Emit } from './event.ts';
import { isPair, requireOneServerFor, requireSufficientRoles, requireSupportedServers } from './supported-servers.ts';

/** The user's input: the configuration file, and the command line options that override it. */
export interface UserInput {
  readonly user: UserConfig;
  readonly file?: string;
  /** The overlay of the environment, which was merged over the configuration. */
  readonly overlay?: string;
  readonly overrides: Overrides;
}

/** Reads the configuration from the named file, or from one of the usual names, with the overlay of the environment. */
export async function readUserInput(named: string | undefined, overrides: Overrides): Promise<UserInput> {
  const { config: user, file, overlay } = await load(() => import('../index.ts'), named, overrides.environment);
  return { user, overrides, ...(file && { file }), ...(overlay && { overlay }) };
}

/** A configuration with all defaults, its hosts that a command works on, and all its playbooks. */
export interface ResolvedConfig {
  readonly config: Config;
  /** The hosts that the command works on: all of the inventory, or the one that the command line names. */
  readonly targets: readonly InventoryHost[];
  readonly playbooks: readonly Playbook[];
  /** The playbooks whose resources are no longer desired. Their kinds are needed to remove these. */
  readonly dropped?: readonly Playbook[];
}

/** Fills in the defaults, builds the applications and reads their files. */
export async function resolveConfig(input: UserInput, emit: Emit): Promise<ResolvedConfig> {
  const { user, overrides, file } = input;
  const targets = targetsOf(input);
  const config = await complete(user, overrides, file, (text) => emit({ event: 'stage', text }));
  for (const host of targets) requireSufficientRoles(config, host);
  requireOneServerFor(config);
  return { config: isPair(config.hosts) ? withMariadb(config) : config, targets, playbooks: [...site, ...(user.playbooks ?? [])] };
}

/** Returns the hosts that a command works on: the one that the command line names, or all. Throws a Problem if there are several. */
export function targetsOf({ user, overrides }: Pick<UserInput, 'user' | 'overrides'>): readonly InventoryHost[] {
  const targets = namedHosts(user, overrides);
  requireSupportedServers(targets);
  return targets;
}

/**
 * Returns the configuration with MariaDB for every site with a database: an explicit choice, which does not depend on the distribution. No
 * snapshot is made before migrations, because they run on the web server.
 */
function withMariadb(config: Config): Config {
  const [first, ...rest] = config.sites.map((site): Site => {
    const { database } = site;
    return database.engine === 'none' ? site : { ...site, database: { ...database, engine: 'mariadb', snapshots: false } };
  });
  return first ? { ...config, sites: [first, ...rest] } : config;
}
