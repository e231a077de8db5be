import type { UserConfig } from './schema.ts';

export type { UserConfig };

/** Gives a configuration its types, so that an editor completes it; it changes nothing. */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}
