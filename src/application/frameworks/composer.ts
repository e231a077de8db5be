import type { Files } from '../../runtimes/detected.ts';

/** The relevant content of a composer.json. */
export interface Composer {
  /** Names of the packages that the application requires, `ext-…` among them. */
  readonly requires: ReadonlySet<string>;
  /** The versions of PHP that it accepts: `^8.2`. */
  readonly php?: string;
}

/** Reads composer.json. A missing or invalid one requires nothing. */
export function composerOf({ text }: Files): Composer {
  try {
    const content: unknown = JSON.parse(text('composer.json'));
    const require = typeof content === 'object' && content !== null && 'require' in content ? content.require : undefined;
    if (typeof require !== 'object' || require === null) return { requires: new Set() };
    return { requires: new Set(Object.keys(require)), ...('php' in require && typeof require.php === 'string' && { php: require.php }) };
  } catch {
    return { requires: new Set() };
  }
}

/** Returns the PHP extensions that composer.json requires: `gd` for `ext-gd`. */
export function requiredExtensions(files: Files): readonly string[] {
  return [...composerOf(files).requires].flatMap((name) => /^ext-([a-z0-9_]+)$/i.exec(name)?.[1]?.toLowerCase() ?? []);
}
