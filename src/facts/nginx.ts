/** What the configuration of the host's nginx names that the hardening of a service hides or makes read-only. */
export interface NginxPaths {
  /** Folders that it writes: logs, caches and temporary files, uploads by WebDAV. Links are resolved. */
  readonly written: readonly string[];
  /** What it names below people's home folders, `/tmp` and `/var/tmp`. */
  readonly named: readonly string[];
}

/** Understands what files/run/nginx-paths.pl printed; undefined where it tells nothing. */
export function nginxPathsOf(text = ''): NginxPaths | undefined {
  const rows = text.split('\n').map((line) => line.split('\t'));
  const written = rows.flatMap(([kind, path]) => (kind === 'written' && path ? [path] : []));
  const named = rows.flatMap(([kind, path]) => (kind === 'named' && path ? [path] : []));
  if (written.length + named.length === 0) return undefined;
  return { written, named };
}
