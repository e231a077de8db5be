import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UserConfig, UserSite } from '../config-file/define.ts';

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="robots" content="noindex">
<title>This site is being moved</title>
<h1>This site is being moved</h1>
</html>
`;

/** A configuration that was loaded. */
interface Input {
  readonly user: UserConfig;
}

/**
 * Returns the configuration with a page instead of the site's application, which cannot be healthy before its data is there. The site has no
 * workers and no scheduled commands then. `remove` deletes the page's folder.
 */
export async function placeholderFor<Given extends Input>(
  input: Given,
  domain: string,
  name: 'index.php' | 'index.html',
): Promise<{ readonly input: Given; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'foobar-provision-'));
  const { user } = input;
  const isMoved = (site: UserSite) => site.domain === domain || site.domain === `www.${domain}`;
  const docroot = (user.sites?.find(isMoved) ?? user).app?.docroot ?? '.';
  await mkdir(join(folder, docroot), { recursive: true });
  // The page's name decides which runtime is set up: the application's.
  await writeFile(join(folder, docroot, name), page);
  const withPage = ({ app, workers: _, cron: __, web: ___, ...site }: UserSite): UserSite => ({
    ...site,
    app: {
      source: folder,
      ...(app?.docroot !== undefined && { docroot: app.docroot }),
      ...(app?.runtime !== undefined && { runtime: app.runtime }),
    },
  });
  const replaced = user.sites
    ? { ...user, sites: user.sites.map((site) => (isMoved(site) ? withPage(site) : site)) }
    : { ...user, ...withPage(user), workers: undefined, cron: undefined, web: undefined };
  return { input: { ...input, user: replaced }, remove: () => rm(folder, { recursive: true, force: true }) };
}
