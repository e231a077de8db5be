import { type Command, type Site, sh } from '../../../src/index.ts';
import { userOf } from '../../host/paths.ts';

/** Where FPM itself writes: the requests that are slow. */
export const fpmLogs = '/var/log/php';

/** Where the site's PHP writes its errors. */
export function logsOf({ domain }: Pick<Site, 'domain'>): string {
  return `${fpmLogs}/${domain}`;
}

/** The file of its errors. */
export function errorsOf(site: Site): string {
  return `${logsOf(site)}/error.log`;
}

/**
 * Prints the last lines of PHP's log. The folder is the site's, so what lies there may be a link or a pipe: it is read as the site's user,
 * where it is a regular file, and not for ever.
 */
export function logText(site: Site): Command {
  const user = userOf(site);
  return sh`timeout --kill-after=1 3 setpriv --reuid=${user} --regid=${user} --clear-groups -- sh -c '[ ! -L "$1" ] && [ -f "$1" ] && exec tail -n 10 -- "$1"' sh ${errorsOf(site)} 2>/dev/null </dev/null`;
}
