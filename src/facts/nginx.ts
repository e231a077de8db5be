/** The paths in the host's nginx configuration that a service's hardening would hide or make read-only. */
export interface NginxPaths {
  /** The folders that it writes: logs, caches, temporary files and WebDAV uploads. Links are resolved. */
  readonly written: readonly string[];
  /** The paths that it names below home folders, `/tmp` and `/var/tmp`. */
  readonly named: readonly string[];
}

/** Parses the output of files/run/nginx-paths.pl. Returns undefined if it is empty. */
export function nginxPathsOf(text = ''): NginxPaths | undefined {
  const rows = text.split('\n').map((line) => line.split('\t'));
  const written = rows.flatMap(([kind, path]) => (kind === 'written' && path ? [path] : []));
  const named = rows.flatMap(([kind, path]) => (kind === 'named' && path ? [path] : []));
  if (written.length + named.length === 0) return undefined;
  return { written, named };
}
