import {
  appCheck,
  type Command,
  definePlaybook,
  directory,
  type Facts,
  file,
  type Hooks,
  instancesFolder,
  isSecure,
  lines,
  live,
  migrations,
  release,
  restart,
  type Scope,
  type Site,
  type SnapshotOptions,
  secretsFolder,
  sh,
  sharedFolder,
  template,
  timesOf,
  visitorCheck,
  withInput,
} from '../../src/index.ts';
import { databaseOf } from '../database/engine.ts';
import { hardeningProperties } from '../host/hardening.ts';
import { databaseSecret, pathsOf, releaseOf, userOf } from '../host/paths.ts';
import { mountedPaths, ownFolder, servedPaths } from '../host/shared-paths.ts';
import { enter, viewProperties } from '../host/view.ts';
import { answering, environmentPath, foldersOf, ownEnvironment, runtimeOf } from '../runtimes/index.ts';
import { ask } from '../runtimes/instance.ts';
import { storedProperties } from '../runtimes/stored.ts';
import { rulesOf } from '../web/rules.ts';
import { notify as nginxReload, reachedNames } from '../web/server.ts';
import { workersOf } from './background-jobs.ts';
import { ownLogs, ownLogText } from './own-logs.ts';

/** The application: a release of its files, its schema migrations, the instance that answers requests, then the switch. */
export default definePlaybook({
  name: 'app',
  roles: ['web'],
  deploys: true,
  secrets: ({ site }) => [databaseSecret(site)],
  observe: ({ site }) => destination(site),

  resources: (scope, facts) => {
    const { site } = scope;
    const paths = pathsOf(site);
    const { source, shared, written, installerFolder, writable, keep, hooks } = site.app;
    const instance = answering(scope, facts);
    const rules = rulesOf(site, nginxReload);
    const logs = ownLogs(site, paths.release);
    return [
      directory(paths.releases, { holds: 'ours', exclusive: true }),
      directory('/usr/local/lib/foobar-provision'),
      file(ask, { content: template('application/ask.pl'), mode: '0755' }),
      file(enter, { content: template('application/enter.pl'), mode: '0755' }),
      // Needed even if no instance answers for this release: that of an earlier one may still be there.
      directory(instancesFolder),
      directory(paths.instances, { holds: 'ours' }),
      release(paths.release, {
        digest: source.digest,
        site: site.domain,
        live: paths.current,
        shared: paths.shared,
        links: shared,
        written,
        mounts: mountedPaths(site),
        served: servedPaths(site),
        ...(installerFolder && { installer: installerFolder }),
        writable,
        user: userOf(site),
      }),
      ...mountedPaths(site).map((path) =>
        sharedFolder(path, {
          release: paths.release,
          mount: `${paths.release}/${ownFolder}/mounts/${path}`,
          shared: paths.shared,
          site: site.domain,
          user: userOf(site),
          notify: [...(instance ? [restart(instance.unit)] : []), ...workersOf(site)],
        }),
      ),
      ...rules.resources,
      ...schema(scope, facts, '', source.migrations),
      ...(instance?.resources ?? []),
      ...ownEnvironment(scope, facts),
      live(paths.current, {
        release: releaseOf(site),
        keep,
        docroot: source.docroot,
        rules: { link: `${paths.rules}/now`, to: rules.id },
        notify: workersOf(site),
        ...(instance && {
          needs: instance.needs,
          units: instance.services,
          seenAt: paths.current,
          by: {
            socket: instance.socket,
            protocol: instance.protocol,
            scheme: isSecure(site) ? 'https' : 'http',
            host: site.names[0] ?? site.domain,
            docroot: source.docroot,
            seconds: timesOf(site.limits).wait,
            ...(instance.errors && { errors: instance.errors }),
            ...(logs.length > 0 && { logs }),
            paths: probed(site),
          },
        }),
        hooks: {
          user: userOf(site),
          environment: environmentPath(scope, facts),
          sandbox: [...storedProperties(site, facts), ...confinement(scope, facts)],
          ...hooks,
          ...migrating(scope, facts),
        },
      }),
      ...schema(scope, facts, ' after', source.contractions),
    ];
  },

  health: ({ site }, facts) => {
    const refused = runtimeOf(site).refused?.(site);
    return [
      appCheck({
        port: 80,
        host: site.names[0] ?? site.domain,
        path: site.app.healthPath,
        status: site.app.health.status,
        mayBeEmpty: site.app.health.mayBeEmpty,
        mayWantLogin: true,
        whenUnfinished: setUp(site, facts),
        ...(site.app.source.recognized.installer !== undefined && { installer: site.app.source.recognized.installer }),
        // An application that is not set up yet redirects to its installer; others redirect to a login page or to a language.
        follow: site.names,
        ...(isSecure(site) && { secure: 443 }),
        log: logOf(site),
        ...(refused && { refused: { log: refused, root: pathsOf(site).current, writable: [...site.app.shared, ...site.app.writable] } }),
      }),
      visitorCheck({ host: site.names[0] ?? site.domain, path: site.app.healthPath, names: site.names, ...reachedNames(site, facts) }),
    ];
  },
});

/** Returns the paths that are requested from a new release, each preceded by the other results that count as healthy; see `Answering`. */
function probed({ app: { healthPath, health } }: Site): readonly string[] {
  const empty = health.mayBeEmpty ? ['empty'] : [];
  const healthy = [...empty, ...(health.status === 200 ? ['401'] : [`${health.status}`])].join(',');
  // With another address for its health, the front page may say that the application is not set up, or in maintenance.
  return [...(healthPath === '/' ? [] : [`${[...empty, '401', '503'].join(',')}:/`]), `${healthy}:${healthPath}`];
}

/** Asks the live release which of the site's names it redirects HTTPS visitors to, so that nginx never redirects the other way. */
function destination(site: Site): Command | undefined {
  if (site.runtime.kind === 'static' || site.https.certificate.kind === 'none') return undefined;
  const { home, current } = pathsOf(site);
  const docroot = site.app.source.docroot === '.' ? current : `${current}/${site.app.source.docroot}`;
  const protocol = site.runtime.kind === 'php' ? 'fastcgi' : 'http';
  return lines(
    sh`live=$(readlink ${current}) && [ -S ${home}/"$live.sock" ] && ${withInput(
      sh`perl - names ${protocol} ${home}/"$live.sock" ${destinationSeconds} ${docroot} ${site.names} 2>/dev/null`,
      template('application/ask.pl'),
    )}`,
    sh`:`,
  );
}

/** The timeout for that answer, in seconds. The survey continues in the meantime, so only a slow application costs time. */
const destinationSeconds = '2';

/** Returns what to do if the application is not set up. An installer asks for the database, which PHP has in its environment. */
function setUp(site: Site, facts: Facts): string {
  const { name, user } = site.database;
  const database = databaseOf(site, facts)
    ? ` Its database is ${name} on localhost, for the user ${user}; \`cat ${secretsFolder}/${databaseSecret(site)}\` on the host shows the password.`
    : '';
  const scheme = isSecure(site) ? 'https' : 'http';
  const address = `${scheme}://${site.names[0] ?? site.domain}${site.app.source.recognized.installer ?? '/'}`;
  return `Complete the set-up at ${address} before anybody else does.${database}`;
}

/** Prints the last lines that the application, its runtime and nginx have logged. */
function logOf(site: Site): Command {
  const runtimeLog = runtimeOf(site).log?.(site);
  const nginxLog = sh`tail -n 10 ${`/var/log/nginx/${site.domain}.error.log`} 2>/dev/null`;
  const all = [ownLogText(site), runtimeLog, nginxLog].flatMap((log) => log ?? []);
  return all.reduce((before, log) => sh`${before}; ${log}`);
}

/**
 * Returns schema migrations: what the new release needs is added before the switch, and what only the old one needed is dropped after it.
 */
function schema(scope: Scope, facts: Facts, suffix: string, files: Parameters<typeof migrations>[1]['files']) {
  const { site } = scope;
  if (!databaseOf(site, facts) || files.length === 0) return [];
  return [
    migrations(`${site.database.name}${suffix}`, {
      database: site.database.name,
      user: site.database.user,
      secret: databaseSecret(site),
      owner: userOf(site),
      sandbox: confinement(scope, facts),
      folder: `${pathsOf(site).release}/migrations`,
      files,
      ...(site.database.snapshots && { snapshot: snapshotOf(site) }),
    }),
  ];
}

/** Returns the application's own migrations, before which a snapshot of its database is kept. */
function migrating({ site }: Scope, facts: Facts): Pick<Hooks, 'migrate'> {
  const { migrate } = site.app.source.recognized;
  if (!migrate || !site.database.snapshots || !databaseOf(site, facts)) return {};
  return { migrate: { ...migrate, snapshot: snapshotOf(site) } };
}

function snapshotOf(site: Site): SnapshotOptions {
  const { name, user } = site.database;
  return { domain: site.domain, release: releaseOf(site), database: name, user, secret: databaseSecret(site), owner: userOf(site) };
}

/** Returns the systemd properties of what runs once for a release: hooks and migrations see that release, at the path where it goes live. */
function confinement(scope: Scope, facts: Facts): readonly string[] {
  const { site } = scope;
  const folders = foldersOf(site);
  return [...viewProperties(site, folders, { kind: 'given', release: releaseOf(site) }), ...hardeningProperties(scope, facts, folders)];
}
