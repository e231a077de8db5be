import { createHash } from 'node:crypto';

/** The parts of an application that its release's name depends on. */
interface Released {
  readonly source: { readonly digest: string };
  readonly shared: readonly string[];
  readonly writable: readonly string[];
}

/** The version of the way in which a release contains its shared paths. Another version makes a new release of the same files. */
const layout = 2;

/** The number of digits of a release's name that always identify its files. */
const digits = 8;

/**
 * Returns the name of a release: twelve hexadecimal digits. If nothing is shared or writable, it depends only on the files. Otherwise the
 * last four digits identify the shared and writable paths, so that the same files with other paths are another release.
 */
export function releaseName({ source, shared, writable }: Released): string {
  if (shared.length === 0 && writable.length === 0) return source.digest.slice(0, 12);
  const paths = [shared.toSorted(), writable.toSorted(), ...(shared.length > 0 ? [layout] : [])];
  const mark = createHash('sha256').update(JSON.stringify(paths)).digest('hex');
  return `${source.digest.slice(0, digits)}${mark.slice(0, 12 - digits)}`;
}

/** Returns the beginning of the digest of a release's files, from its name. */
export function filesOf(name: string): string {
  return name.slice(0, digits);
}
