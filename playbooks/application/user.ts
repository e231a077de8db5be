import {
  command,
  definePlaybook,
  directory,
  environmentSecret,
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
import { foldersOf } from '../runtimes/index.ts';

/** The site's user, the folders that it may write, and the secrets that the configuration contains. */
export default definePlaybook({
  name: 'account',
  roles: ['web'],
  // How a site sends mail determines what its hardening allows.
  presence: () => ['exim4-base'],

  resources: ({ site }) => {
    const paths = pathsOf(site);
    const owner = userOf(site);
    // Everything that the site may own. Each of these folders may be a separate mount.
    const trees = [paths.shared, ...foldersOf(site), paths.releases];
    return [
      group(owner, { trees }),
      user(owner, { home: paths.home, trees }),
      ...site.app.keys.map((name) => secret(environmentSecret(site, name))),
      ...suppliedSecrets(site),
      directory(sitesFolder),
      directory(paths.home, { exclusive: true }),
      directory(paths.shared, { owner, mode: '0750', group: 'www-data', holds: 'data', exclusive: true }),
      ...givenLinks(site),
    ];
  },
});

/** Stores each `Secret` of the configuration on the host, where files refer to it by name. */
function suppliedSecrets(site: Site) {
  return Object.entries(site.app.env).flatMap(([name, value]) =>
    value instanceof Secret ? [secret(environmentSecret(site, name), { value })] : [],
  );
}

/**
 * Gives the user the links in releases that are already on the host; see `give_links_to_user`. A new release gets its links with the right
 * owner.
 */
function givenLinks(site: Site) {
  const { releases } = pathsOf(site);
  const links = site.app.shared.map((link) => sh`${releases}/*/${link}`);
  if (links.length === 0) return [];
  const user = userOf(site);
  return [
    command(`links-${site.domain}`, {
      unless: sh`[ -z "$(find ${links} -maxdepth 0 -type l ! -path '*.failed/*' ! -user ${user} -print -quit 2>/dev/null)" ]`,
      run: sh`for release in ${releases}/*/; do [ ! -d "$release" ] || give_links_to_user "\${release%/}" ${`/var/lib/foobar-provision/releases/${site.domain}`}/"$(basename "$release")" ${user}; done`,
      // The owner of a link makes no difference to anybody who reads it.
      undo: sh`:`,
      shell: [releaseLinks],
    }),
  ];
}
