import { definePlaybook, directory, live, migrations, release, sh } from '../src/index.ts';
import { databaseOf } from './database.ts';
import { databaseSecret, logsOf, pathsOf, releaseOf, userOf } from './paths.ts';
import { fpmOf } from './runtime.ts';

/** The application: a release of its files, its schema brought up to date, then the switch. */
export default definePlaybook({
  name: 'app',
  deploys: true,

  resources: ({ site }, facts) => {
    const paths = pathsOf(site);
    const { source, shared, keep } = site.app;
    const database = databaseOf(site, facts);
    return [
      directory(paths.releases, { holds: 'ours' }),
      release(paths.release, { digest: source.digest, shared: paths.shared, links: shared, user: userOf(site) }),
      ...(database && source.migrations.length > 0
        ? [
            migrations(site.database.name, {
              user: site.database.user,
              secret: databaseSecret(site),
              folder: `${paths.release}/migrations`,
              files: source.migrations,
            }),
          ]
        : []),
      live(paths.current, { release: releaseOf(site), keep }),
    ];
  },

  health: ({ site }, facts) => [
    {
      kind: 'http',
      hop: 'app',
      port: 80,
      host: site.names[0] ?? site.domain,
      path: site.app.healthPath,
      status: 200,
      // An application that is not set up yet leads to its installer, others to a login or a language.
      follow: site.names,
      log: sh`tail -n 10 ${`${logsOf(site)}/error.log`} ${`/var/log/nginx/${site.domain}.error.log`} ${`/var/log/${fpmOf(site, facts).unit}.log`} 2>/dev/null`,
    },
  ],
});
