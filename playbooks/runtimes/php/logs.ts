import { type Command, type Site, sh } from '../../../src/index.ts';
import { userOf } from '../../host/paths.ts';

/** The folder of FPM's own log of slow requests. */
export const fpmLogs = '/var/log/php';

/** Returns the folder of the errors of the site's PHP. */
export function logsOf({ domain }: Pick<Site, 'domain'>): string {
  return `${fpmLogs}/${domain}`;
}

/** Returns the file of these errors. */
export function errorsOf(site: Site): string {
  return `${logsOf(site)}/error.log`;
}

/** Prints what PHP could not write today, in the same way as `logText`. */
export function refusedText(site: Site): Command {
  const user = userOf(site);
  return sh`timeout --kill-after=1 3 setpriv --reuid=${user} --regid=${user} --clear-groups -- sh -c '[ ! -L "$1" ] && [ -f "$1" ] && tail -n 500 -- "$1" | grep -E "^.$(LC_ALL=C date +%d-%b-%Y) .*(Read-only file system|Permission denied)" | tail -n 10' sh ${errorsOf(site)} 2>/dev/null </dev/null`;
}

/**
 * Prints the last lines of PHP's log. The site owns the folder, so the log may be a link or a pipe: it is read as the site's user, only if
 * it is a regular file, and with a time limit. Deprecations are left out, because an application may log hundreds in one request.
 */
export function logText(site: Site): Command {
  const user = userOf(site);
  return sh`timeout --kill-after=1 3 setpriv --reuid=${user} --regid=${user} --clear-groups -- sh -c '[ ! -L "$1" ] && [ -f "$1" ] && tail -n 500 -- "$1" | grep -v "PHP Deprecated: " | tail -n 10' sh ${errorsOf(site)} 2>/dev/null </dev/null`;
}
