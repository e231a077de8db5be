import { ownLogs } from '../../../playbooks/application/own-logs.ts';
import { pathsOf, userOf } from '../../../playbooks/host/paths.ts';
import { errorsOf, fpmLogs } from '../../../playbooks/runtimes/php/logs.ts';
import { bundled } from '../../bundled/files.ts';
import type { Site } from '../../config/config.ts';
import type { LogFormat } from '../../logs/lines.ts';

/** Which logs are shown. */
export type LogSource =
  | { readonly kind: 'all' | 'nginx' | 'php' | 'database' | 'app' }
  /** A worker or a scheduled command. */
  | { readonly kind: 'worker'; readonly name: string };

/** How the logs are read on the host. */
export interface Reading {
  readonly follow: boolean;
  /** How many of the last lines of each log are read. */
  readonly lines: number;
  readonly since?: Date | undefined;
}

/** One log of a site: the program on the host that prints it, and how its lines are written. */
export interface Feed {
  readonly source: string;
  readonly format: LogFormat;
  readonly words: readonly string[];
}

/** Returns the logs of a site. Files that the site can write are read as the site's user. */
export function feedsOf(site: Site, source: LogSource, reading: Reading): readonly Feed[] {
  const wanted = (kind: LogSource['kind']) => source.kind === 'all' || source.kind === kind;
  const { domain, database, runtime } = site;
  return [
    ...(wanted('nginx')
      ? [
          { source: 'nginx', format: { kind: 'access' } as const, words: fileWords(reading, `/var/log/nginx/${domain}.access.log`) },
          { source: 'nginx', format: { kind: 'timed' } as const, words: fileWords(reading, `/var/log/nginx/${domain}.error.log`) },
        ]
      : []),
    ...(wanted('php') && runtime.kind === 'php'
      ? [
          { source: 'php', format: { kind: 'timed' } as const, words: fileWords(reading, errorsOf(site), userOf(site)) },
          { source: 'php', format: { kind: 'timed' } as const, words: fileWords(reading, `${fpmLogs}/${domain}.slow.log`) },
          {
            source: 'php',
            format: ofUnits((unit) => (isInstance(site, unit) ? 'php' : undefined)),
            words: unitWords(reading, instances(site)),
          },
        ]
      : []),
    ...(wanted('database') && database.engine !== 'none' ? databaseFeeds(site, reading) : []),
    ...(wanted('app')
      ? ownLogs(site, pathsOf(site).current).map((log) => ({
          source: 'app',
          format: { kind: 'timed' } as const,
          words: fileWords(reading, log, userOf(site)),
        }))
      : []),
    ...(source.kind === 'worker' || source.kind === 'app' || source.kind === 'all' ? [processesOf(site, source, reading)] : []),
  ];
}

function databaseFeeds({ database }: Site, reading: Reading): readonly Feed[] {
  const names = new RegExp(
    `(?<![\\w-])(?:${[database.user, database.name].map((name) => name.replaceAll(/\W/g, '\\$&')).join('|')})(?![\\w-])`,
  );
  const concerns = (text: string) => names.test(text) || /^(?:Starting|Started|Stopping|Stopped) m/.test(text);
  return [
    {
      source: 'database',
      format: { kind: 'slow queries', account: database.user },
      words: fileWords(reading, '/var/log/mysql/slow.log', 'mysql'),
    },
    {
      source: 'database',
      format: ofUnits((_, text) => (concerns(text) ? 'database' : undefined)),
      words: unitWords(reading, ['mariadb.service', 'mysql.service']),
    },
  ];
}

/** Returns the journal of all processes that run as the site's user: workers, scheduled commands and other programs. */
function processesOf(site: Site, source: LogSource, reading: Reading): Feed {
  const start = `${site.domain}-`;
  return {
    source: 'app',
    format: ofUnits((unit) => {
      const [, name] = unit.startsWith(start) ? (/^(.*?)(?:@\d+)?\.service$/.exec(unit.slice(start.length)) ?? []) : [];
      if (source.kind === 'worker') return name === source.name ? name : undefined;
      if (name !== undefined) return source.kind === 'all' ? name : undefined;
      return site.runtime.kind === 'php' && isInstance(site, unit) ? undefined : 'app';
    }),
    words: ['sh', '-c', 'exec journalctl "$@" _UID="$(id -u "$0")" 2>/dev/null', userOf(site), ...journalOptions(reading)],
  };
}

function ofUnits(source: (unit: string, text: string) => string | undefined): LogFormat {
  return { kind: 'journal', source };
}

const digits = '[0-9a-f]'.repeat(8);

/** Returns patterns for the units that answer the site's requests, which no unit of another site matches. */
function instances({ domain, runtime }: Site): readonly string[] {
  return [`${runtime.kind}-${domain}-${digits}@*.service`];
}

function isInstance({ domain, runtime }: Site, unit: string): boolean {
  const start = `${runtime.kind}-${domain}-`;
  return unit.startsWith(start) && /^[0-9a-f]{8}@/.test(unit.slice(start.length));
}

function unitWords(reading: Reading, units: readonly string[]): readonly string[] {
  return ['journalctl', ...journalOptions(reading), ...units.map((unit) => `--unit=${unit}`)];
}

function journalOptions({ follow, lines, since }: Reading): readonly string[] {
  return [
    '--quiet',
    '--no-pager',
    '--output=json',
    '--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT,UNIT',
    `--lines=${lines}`,
    ...(follow ? ['--follow'] : []),
    ...(since ? [`--since=@${Math.floor(since.getTime() / 1000)}`] : []),
  ];
}

/** Returns a command that prints a log file, as `user` if one is given. Unless it follows the file, it is stopped after ten seconds. */
function fileWords({ follow, lines }: Reading, pattern: string, user?: string): readonly string[] {
  const read = ['sh', '-c', bundled('logs/file.sh'), 'sh', follow ? 'follow' : 'once', String(lines), pattern];
  return [
    ...(follow ? [] : ['timeout', '--kill-after=1', '10']),
    ...(user ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--inh-caps=-all', '--'] : []),
    ...read,
  ];
}
