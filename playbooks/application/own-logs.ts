import { type Command, type Site, sh } from '../../src/index.ts';
import { isWithin } from '../host/hardening.ts';
import { pathsOf, userOf } from '../host/paths.ts';

/**
 * Returns where the application logs its errors, by what its framework usually does: absolute paths, in which `*` matches anything.
 * `release` is the folder of its release.
 */
export function ownLogs(site: Site, release: string): readonly string[] {
  const { shared, writable, source } = site.app;
  return (source.recognized.logs ?? []).flatMap((log) => {
    if (shared.some((path) => isWithin(log, path))) return [`${pathsOf(site).shared}/${log}`];
    return writable.some((path) => isWithin(log, path)) ? [`${release}/${log}`] : [];
  });
}

/**
 * Prints the last entries of the newest of these files. The site owns them, so they are read as the site's user, only if they are regular
 * files, and with a time limit. Lines of stack traces are left out.
 */
export function ownLogText(site: Site): Command | undefined {
  const logs = ownLogs(site, pathsOf(site).current);
  if (logs.length === 0) return undefined;
  const user = userOf(site);
  return sh`timeout --kill-after=1 3 setpriv --reuid=${user} --regid=${user} --clear-groups -- sh -c 'newest=$(ls -td -- $1 2>/dev/null | head -n 1); [ -n "$newest" ] && [ ! -L "$newest" ] && [ -f "$newest" ] && tail -n 500 -- "$newest" | grep -v "^#[0-9]\\|^.stacktrace.\\|^\"}" | cut -c 1-500 | tail -n 5' sh ${logs.join(' ')} 2>/dev/null </dev/null`;
}
