import { site } from '../../playbooks/site.ts';
import { complete, type Overrides } from '../config/complete.ts';
import type { Config } from '../config/config.ts';
import type { UserConfig } from '../config/define.ts';
import { load } from '../config/load.ts';
import type { Emit } from '../engine/event.ts';
import type { Playbook } from '../engine/playbook.ts';

/** What the user has said: the configuration file, and the overrides that count before it. */
export interface UserInput {
  readonly user: UserConfig;
  readonly file?: string;
  readonly overrides: Overrides;
}

/** Reads the configuration from the named file, or from one of the usual names. */
export async function readUserInput(named: string | undefined, overrides: Overrides): Promise<UserInput> {
  const { config: user, file } = await load(named);
  return { user, overrides, ...(file && { file }) };
}

/** A configuration with every default filled in, and all the playbooks that apply to it. */
export interface ResolvedConfig {
  readonly config: Config;
  readonly playbooks: readonly Playbook[];
}

/** Fills in the defaults, builds the applications and reads their files. */
export async function resolveConfig({ user, overrides, file }: UserInput, emit: Emit): Promise<ResolvedConfig> {
  const config = await complete(user, overrides, file, (text) => emit({ event: 'stage', text }));
  return { config, playbooks: [...site, ...config.playbooks] };
}
