import { site } from '../../playbooks/site.ts';
import type { Config } from '../config/config.ts';
import { complete, type Overrides } from '../config-file/complete.ts';
import type { UserConfig } from '../config-file/define.ts';
import { load } from '../config-file/load.ts';
import type { Playbook } from '../engine/playbook.ts';
import type { Emit } from './event.ts';

/** What the user has said: the configuration file, and the overrides that count before it. */
export interface UserInput {
  readonly user: UserConfig;
  readonly file?: string;
  readonly overrides: Overrides;
}

/** Reads the configuration from the named file, or from one of the usual names. */
export async function readUserInput(named: string | undefined, overrides: Overrides): Promise<UserInput> {
  const { config: user, file } = await load(() => import('../index.ts'), named);
  return { user, overrides, ...(file && { file }) };
}

/** A configuration with every default filled in, and all the playbooks that apply to it. */
export interface ResolvedConfig {
  readonly config: Config;
  readonly playbooks: readonly Playbook[];
  /** Of these nothing is desired any more; their kinds remove what they made. */
  readonly dropped?: readonly Playbook[];
}

/** Fills in the defaults, builds the applications and reads their files. */
export async function resolveConfig({ user, overrides, file }: UserInput, emit: Emit): Promise<ResolvedConfig> {
  const config = await complete(user, overrides, file, (text) => emit({ event: 'stage', text }));
  return { config, playbooks: [...site, ...(user.playbooks ?? [])] };
}
