import type { Files } from '../detected.ts';

/** What a package.json says that matters here. */
export interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  /** The names of the packages that the application needs when it runs. */
  readonly dependencies: readonly string[];
  /** The file that `main` names. */
  readonly main?: string;
  /** The versions of Node.js that it accepts: `>=20`. */
  readonly engine?: string;
}

/** Reads package.json. Returns undefined if there is none, or if it is not JSON. */
export function manifestOf({ has, text }: Files): Manifest | undefined {
  if (!has('package.json')) return undefined;
  try {
    const content = objectIn(JSON.parse(text('package.json')));
    const engine = objectIn(content.engines).node;
    return {
      scripts: Object.fromEntries(
        Object.entries(objectIn(content.scripts)).flatMap(([name, line]) => (isText(line) ? [[name, line]] : [])),
      ),
      dependencies: Object.keys(objectIn(content.dependencies)),
      ...(isText(content.main) && { main: content.main.replace(/^\.\//, '') }),
      ...(isText(engine) && { engine }),
    };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Returns the packages in a package-lock.json, by their folders. A file that is not JSON has none. */
export function lockedIn({ text }: Files): Readonly<Record<string, unknown>> {
  try {
    return objectIn(objectIn(JSON.parse(text('package-lock.json') || text('npm-shrinkwrap.json') || '{}')).packages);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

export function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
