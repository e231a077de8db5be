import type { Config, Site } from '../config/config.ts';
import { Problem } from '../error.ts';
import { withOnlySite } from './one-site.ts';
import type { Context } from './session.ts';

/**
 * Resolves to the site that a command works on: the named one, or the only one. If there are several, a person is asked. `what` names the
 * command: `A shell`. Rejects with a Problem if nobody can be asked.
 */
export async function chosenSite(config: Config, named: string | undefined, what: string, { choose }: Context): Promise<Site> {
  const [site, ...others] = withOnlySite(config, named).sites;
  if (!site) throw new RangeError('a configuration has a site');
  if (others.length === 0) return site;
  const domains = config.sites.map(({ domain }) => domain);
  const chosen = await choose?.('Which site?', domains);
  const found = config.sites.find(({ domain }) => domain === chosen);
  if (found) return found;
  throw new Problem({
    message: `${what} is for one site, and ${config.name} has ${domains.length}.`,
    hint: `Choose one of ${domains.join(', ')} with --site.`,
  });
}
