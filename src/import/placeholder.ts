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

/** What a user said, and where. */
interface Input {
  readonly user: UserConfig;
}

/**
 * Returns the configuration of a site with a page in the place of its application, which cannot be healthy before its data is there. It has
 * no workers and no scheduled commands. The caller removes its folder.
 */
export async function placeholderFor<Given extends Input>(
  input: Given,
  domain: string,
  name: 'index.php' | 'index.html',
): Promise<{ readonly input: Given; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'foobar-provision-'));
  const { user } = input;
  const isOwn = (site: UserSite) => site.domain === domain || site.domain === `www.${domain}`;
  const docroot = (user.sites?.find(isOwn) ?? user).app?.docroot ?? '.';
  await mkdir(join(folder, docroot), { recursive: true });
  // The runtime of the application has to be set up, too.
  await writeFile(join(folder, docroot, name), page);
  const instead = ({ app, workers: _, cron: __, web: ___, ...site }: UserSite): UserSite => ({
    ...site,
    app: {
      source: folder,
      ...(app?.docroot !== undefined && { docroot: app.docroot }),
      ...(app?.runtime !== undefined && { runtime: app.runtime }),
    },
  });
  const replaced = user.sites
    ? { ...user, sites: user.sites.map((site) => (isOwn(site) ? instead(site) : site)) }
    : { ...user, ...instead(user), workers: undefined, cron: undefined, web: undefined };
  return { input: { ...input, user: replaced }, remove: () => rm(folder, { recursive: true, force: true }) };
}
