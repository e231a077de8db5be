import type { Writable } from 'node:stream';
import type { Item } from './listing.ts';
import type { Texts } from './nginx.ts';
import type { OldSite } from './old-site.ts';

/** What a site is imported from: a server, or a backup on this machine. */
export interface Origin {
  /** The server's name, or the path of the backup. */
  readonly name: string;
  readonly kind: 'server' | 'backup';
  readonly site: OldSite;
  /** The addresses of the old server. */
  readonly addresses?: readonly string[];
  readonly files: OldFiles;
  /** Undefined if the site has no database that can be copied. */
  readonly database?: OldData;
}

/** The files of an old site. Paths are relative to the application's folder. */
export interface OldFiles {
  readonly name: string;
  /** Writes a tar archive of files to a stream, and ends it. Resolves to messages about files that could not be read. */
  readonly send: (items: readonly Item[], output: Writable, signal: AbortSignal) => Promise<readonly string[]>;
  /** Resolves to the SHA-256 of files by their paths. Files that cannot be read have none. */
  readonly hashes: (items: readonly Item[]) => Promise<ReadonlyMap<string, string>>;
  /** Reads the first mebibyte of the files that exist. */
  readonly texts: (paths: readonly string[]) => Promise<Texts>;
}

/** The database of an old site. */
export interface OldData {
  /** Writes the database as statements to a stream, and ends it. */
  readonly dump: (output: Writable, signal: AbortSignal) => Promise<void>;
  /** Resolves to the number of rows by the table's name. Missing if there is only a dump. */
  readonly rows?: () => Promise<ReadonlyMap<string, number>>;
  /** The number of bytes, as far as it is known. */
  readonly size: number;
}
