import { databaseSecret, userOf } from '../../playbooks/host/paths.ts';
import type { Site } from '../config/config.ts';
import type { SiteDatabase } from '../database/site-database.ts';
import { Problem } from '../error.ts';
import type { HostSession } from './session.ts';

/** Returns the database of a site. Throws a Problem if the site has none. */
export function siteDatabase({ transport }: HostSession, site: Site): SiteDatabase {
  const { domain, database } = site;
  if (database.engine === 'none')
    throw new Problem({
      message: `${domain} has no database: its configuration says so.`,
      hint: 'Remove `database.engine: "none"` from the configuration, and provision it.',
    });
  return { transport, domain, name: database.name, account: database.user, secret: databaseSecret(site), owner: userOf(site) };
}
