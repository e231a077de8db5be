import { definePlaybook, directory, group, Secret, type Site, secret, user } from '../src/index.ts';
import { environmentSecret } from './environment.ts';
import { logsOf, pathsOf, userOf } from './paths.ts';

/** The site's own user, what it may write, and the secrets that its owner supplied. */
export default definePlaybook({
  name: 'account',
  // How a site's mail leaves decides what its sandbox lets through.
  presence: () => ['exim4-base'],

  resources: ({ site }) => {
    const paths = pathsOf(site);
    const owner = userOf(site);
    return [
      group(owner),
      user(owner, { home: paths.home }),
      ...suppliedSecrets(site),
      directory('/srv/www'),
      directory(paths.home),
      directory(paths.shared, { owner, mode: '0750', group: 'www-data', holds: 'data' }),
      directory(paths.sessions, { owner, mode: '0700', holds: 'ours' }),
      directory(logsOf(site), { owner, group: 'adm', mode: '0750', holds: 'ours' }),
    ];
  },
});

/** What the user supplied as a `Secret` is kept on the host, and files there name it. */
function suppliedSecrets(site: Site) {
  return Object.entries(site.app.env).flatMap(([name, value]) =>
    value instanceof Secret ? [secret(environmentSecret(site, name), { value })] : [],
  );
}
