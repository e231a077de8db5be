/** The folder of a release, and the paths in it that the application may write. */
export interface Writing {
  readonly root: string;
  readonly writable: readonly string[];
}

/** The largest number of paths that the message names. */
const most = 3;

/**
 * Returns a message about the files that an application could not write, from the lines of PHP's log. Returns undefined if there are none, or if
 * the application may write all of them now.
 */
export function refusedWrites(lines: readonly string[], { root, writable }: Writing): string | undefined {
  const paths = lines.flatMap((line) => {
    const [, path] = /\b\w+\(([^()]+)\): (?:Failed to open stream: )?(?:Read-only file system|Permission denied)/i.exec(line) ?? [];
    return path?.startsWith(`${root}/`) ? [path.slice(root.length + 1)] : [];
  });
  const refused = [...new Set(paths)].filter((path) => !writable.some((other) => `${path}/`.startsWith(`${other}/`)));
  if (refused.length === 0) return undefined;
  const more = refused.length > most ? ` and ${refused.length - most} more` : '';
  return `The application has tried to write ${refused.slice(0, most).join(', ')}${more}, but a release is read-only. Add what must be kept to app.shared, and what may be reset with each release to app.writable, then run again.`;
}
