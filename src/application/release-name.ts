import { createHash } from 'node:crypto';

/** What makes one release another: its files, and what of them is shared or may be written. */
interface Released {
  readonly source: { readonly digest: string };
  readonly shared: readonly string[];
  readonly writable: readonly string[];
}

/** Digits of a release's name that tell its files in every case. */
const digits = 8;

/**
 * Returns the name of a release: twelve hexadecimal digits. Where nothing is shared and no folder may be written, the files alone give it;
 * otherwise the last four are over the paths that are, so that other paths make another release of the same files.
 */
export function releaseName({ source, shared, writable }: Released): string {
  if (shared.length === 0 && writable.length === 0) return source.digest.slice(0, 12);
  const paths = [shared.toSorted(), writable.toSorted()];
  const mark = createHash('sha256').update(JSON.stringify(paths)).digest('hex');
  return `${source.digest.slice(0, digits)}${mark.slice(0, 12 - digits)}`;
}

/** Returns how the digest of a release's files begins, as its name tells. */
export function filesOf(name: string): string {
  return name.slice(0, digits);
}
