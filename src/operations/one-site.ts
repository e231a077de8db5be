import type { Config } from '../config/config.ts';
import { Problem } from '../error.ts';

/** Returns the configuration with only one of its sites, if one is named. Throws a Problem if there is no such site. */
export function withOnlySite(config: Config, domain: string | undefined): Config {
  if (domain === undefined) return config;
  const site = config.sites.find((each) => each.domain === domain);
  if (site) return { ...config, sites: [site] };
  throw new Problem({
    message: `${config.name} has no site ${domain}.`,
    hint: `Choose one of ${config.sites.map((site) => site.domain).join(', ')} with --site.`,
  });
}
