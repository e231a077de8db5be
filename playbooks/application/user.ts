import {
  command,
  definePlaybook,
  directory,
  group,
  releaseLinks,
  Secret,
  type Site,
  secret,
  sh,
  sitesFolder,
  user,
} from '../../src/index.ts';
import { pathsOf, userOf } from '../host/paths.ts';
import { environmentSecret } from '../runtimes/environment.ts';
import { foldersOf } from '../runtimes/index.ts';

/** The site's own user, what it may write, and the secrets that its owner supplied. */
export default definePlaybook({
  name: 'account',
  roles: ['web'],
  // How a site's mail leaves decides what its hardening lets through.
  presence: () => ['exim4-base'],

  resources: ({ site }) => {
    const paths = pathsOf(site);
    const owner = userOf(site);
    // All that the site may own. Each may be a mount of its own.
    const trees = [paths.shared, ...foldersOf(site), paths.releases];
    return [
      group(owner, { trees }),
      user(owner, { home: paths.home, trees }),
      ...suppliedSecrets(site),
      directory(sitesFolder),
      directory(paths.home, { exclusive: true }),
      directory(paths.shared, { owner, mode: '0750', group: 'www-data', holds: 'data', exclusive: true }),
      ...givenLinks(site),
    ];
  },
});

/** What the user supplied as a `Secret` is kept on the host, and files there name it. */
function suppliedSecrets(site: Site) {
  return Object.entries(site.app.env).flatMap(([name, value]) =>
    value instanceof Secret ? [secret(environmentSecret(site, name), { value })] : [],
  );
}

/** The links of releases that are on the host already; see `give_links_to_user`. A release that is filled now has its own. */
function givenLinks(site: Site) {
  const { releases } = pathsOf(site);
  const links = site.app.shared.map((link) => sh`${releases}/*/${link}`);
  if (links.length === 0) return [];
  const user = userOf(site);
  return [
    command(`links-${site.domain}`, {
      unless: sh`[ -z "$(find ${links} -maxdepth 0 -type l ! -path '*.failed/*' ! -user ${user} -print -quit 2>/dev/null)" ]`,
      run: sh`for release in ${releases}/*/; do [ ! -d "$release" ] || give_links_to_user "\${release%/}" ${`/var/lib/foobar-provision/releases/${site.domain}`}/"$(basename "$release")" ${user}; done`,
      // Who owns a link changes nothing for whoever else reads it.
      undo: sh`:`,
      shell: [releaseLinks],
    }),
  ];
}
