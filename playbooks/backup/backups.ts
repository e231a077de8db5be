import {
  addressOf,
  type Backups,
  definePlaybook,
  directory,
  file,
  packages,
  type Scope,
  type Site,
  service,
  shellTemplate,
  template,
} from '../../src/index.ts';
import { databaseOf } from '../database/engine.ts';
import { userOf } from '../host/paths.ts';
import { daemonReload } from '../host/systemd.ts';
import { backupCheck } from './health.ts';
import { backupProgram } from './program.ts';

const settings = '/etc/foobar-provision/backups';
const programs = '/usr/local/lib/foobar-provision';

/** Sets up nightly backups of all sites with restic, and the program that makes, tests and restores them. */
export default definePlaybook({
  name: 'backups',
  roles: ['web'],

  resources: (scope, facts) => {
    const { site, config } = scope;
    const { backups, name } = config;
    if (!backups) return [];
    const timer = `foobar-provision-backup-${name}.timer`;
    const unit = (path: string) => `/etc/systemd/system/${path}`;
    return [
      ...packages(
        'restic',
        ...(backups.to.kind === 'sftp' ? ['openssh-client'] : []),
        ...(backups.to.kind === 's3' ? ['ca-certificates'] : []),
      ),
      directory(programs),
      file(`${programs}/backup`, { content: backupProgram(), mode: '0755' }),
      file(`${programs}/drill-unit`, { content: template('backup/drill-unit.pl'), mode: '0755' }),
      directory(settings, { mode: '0700' }),
      directory(`${settings}/${name}`, { mode: '0700' }),
      file(`${settings}/${name}/settings`, { content: settingsOf(scope, backups), mode: '0600' }),
      file(`${settings}/${name}/configuration.json`, { content: config.recoverable ?? '{}', mode: '0600' }),
      file(`${settings}/${name}/${site.domain}.site`, {
        content: `${
          shellTemplate('backup/site.sh', {
            user: userOf(site),
            database: databaseOf(site, facts) ? site.database.name : '',
            account: databaseOf(site, facts) ? site.database.user : '',
            units: unitsOf(site).join(' '),
            cache: site.cache ? String(Math.ceil(site.cache.memory * 1.5) + 32) : '',
          }).text
        }\n`,
        mode: '0600',
      }),
      file(unit(`foobar-provision-backup-${name}@.service`), {
        content: template('backup/backup.service', { name, written: backups.to.kind === 'path' ? ` -${backups.to.path}` : '' }),
        notify: daemonReload,
      }),
      file(unit(`foobar-provision-backup-${name}-resume.service`), {
        content: template('backup/resume.service', { name }),
        notify: daemonReload,
      }),
      file(unit(timer), { content: template('backup/backup.timer', { name, at: backups.at }), notify: daemonReload }),
      service(`foobar-provision-backup-${name}-resume.service`, { running: false, enabled: true }),
      service(timer, { running: true, enabled: true }),
    ];
  },

  health: ({ site, config }) =>
    config.backups ? [backupCheck({ site: site.domain, at: config.backups.at, drills: config.backups.drill })] : [],
});

function settingsOf({ config }: Scope, { to, keep, drill }: Backups): string {
  const { text } = shellTemplate('backup/settings.sh', {
    name: config.name,
    repository: addressOf(to),
    kind: to.kind,
    user: to.kind === 'sftp' ? to.user : '',
    host: to.kind === 'sftp' ? to.host : '',
    port: to.kind === 'sftp' ? String(to.port) : '',
    daily: String(keep.daily),
    weekly: String(keep.weekly),
    monthly: String(keep.monthly),
    drill,
    sites: config.sites.map(({ domain }) => domain).join(' '),
  });
  return `${text}\n`;
}

/** Returns the workers and timers of a site that a restore stops while it switches to the restored data. It also stops the application's unit. */
function unitsOf(site: Site): readonly string[] {
  return [
    ...Object.entries(site.workers).flatMap(([name, { count }]) =>
      Array.from({ length: count }, (_, index) => `${site.domain}-${name}@${index + 1}.service`),
    ),
    ...Object.keys(site.cron).map((name) => `${site.domain}-${name}.timer`),
  ];
}
