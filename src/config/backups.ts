/** Where backups are stored. */
export type Repository =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'sftp'; readonly user: string; readonly host: string; readonly port: number; readonly path: string }
  | { readonly kind: 's3'; readonly url: string };

/** How the host's sites are backed up. */
export interface Backups {
  readonly to: Repository;
  /** How many daily, weekly and monthly backups are kept. */
  readonly keep: { readonly daily: number; readonly weekly: number; readonly monthly: number };
  /** The time of day, `03:30`, in the host's time zone. */
  readonly at: string;
  /** How often the last backup is restored beside the site, to test it. */
  readonly drill: 'nightly' | 'weekly' | 'never';
}

const folder = /^\/(?:[\w@+.-]+\/)*[\w@+.-]+$/;
const sftp = /^sftp:(?:\/\/)?([a-z_][\w.-]*)@([A-Za-z0-9][\w.-]*)(?::(\d{1,5})(?=\/))?:?\/?(\/[\w@+./-]+)$/;
const s3 = /^s3:(https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?\/[\w.-]+(?:\/[\w@+./-]+)?)$/;

/**
 * Parses the address of a repository in restic's notation: `/mnt/backups`, `sftp:user@host:/path`, `sftp://user@host:2222//path` or
 * `s3:https://host/bucket`. Returns undefined if the text
 * is not such an address.
 */
export function repositoryOf(text: string): Repository | undefined {
  if (folder.test(text) && !text.split('/').includes('..')) return { kind: 'path', path: text };
  const [, user, host, port = '22', path] = sftp.exec(text) ?? [];
  if (user !== undefined && host !== undefined && path !== undefined) return { kind: 'sftp', user, host, port: Number(port), path };
  const [, url] = s3.exec(text) ?? [];
  return url === undefined ? undefined : { kind: 's3', url };
}

/** Returns the address of the repository in restic's notation. */
export function addressOf(repository: Repository): string {
  switch (repository.kind) {
    case 'path':
      return repository.path;
    case 'sftp': {
      const { user, host, port, path } = repository;
      return port === 22 ? `sftp:${user}@${host}:${path}` : `sftp://${user}@${host}:${port}/${path}`;
    }
    case 's3':
      return `s3:${repository.url}`;
  }
}
