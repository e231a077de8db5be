import { createHash } from 'node:crypto';

/** The parts of an application that its release's name depends on. */
interface Released {
  readonly source: { readonly digest: string };
  readonly shared: readonly string[];
  readonly writable: readonly string[];
  readonly hooks: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/** The version of the way in which a release contains its shared paths. Another version makes a new release of the same files. */
const layout = 2;

/** The number of digits of a release's name that always identify its files. */
const digits = 8;

/**
 * Returns the name of a release: twelve hexadecimal digits. If nothing is shared or writable, and it has no hooks, it depends only on the
 * files. Otherwise the last four digits identify the paths and hooks, so that the same files with other paths, or with a hook that has not
 * run yet, are another release.
 */
export function releaseName({ source, shared, writable, hooks }: Released): string {
  const hasHooks = hooks.before.length + hooks.after.length > 0;
  if (shared.length === 0 && writable.length === 0 && !hasHooks) return source.digest.slice(0, 12);
  const parts = [shared.toSorted(), writable.toSorted(), ...(shared.length > 0 ? [layout] : []), ...(hasHooks ? [hooks] : [])];
  const mark = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${source.digest.slice(0, digits)}${mark.slice(0, 12 - digits)}`;
}

/** Returns the beginning of the digest of a release's files, from its name. */
export function filesOf(name: string): string {
  return name.slice(0, digits);
}
