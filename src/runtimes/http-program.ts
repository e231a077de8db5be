import { reveal, Secret } from '../command/secret.ts';
import { Problem } from '../error.ts';
import type { Stated } from './definition.ts';

/** Throws a Problem if a secret cannot be inserted between double quotes. The host inserts secrets without escaping. */
export function requireFillable(env: Stated['env']): void {
  const wrong = Object.keys(env).find((name) => {
    const value = env[name];
    return value instanceof Secret && /["\\]/.test(reveal(value));
  });
  if (wrong !== undefined)
    throw new Problem({
      message: `The secret app.env.${wrong} must be without " and \\, which an environment file cannot contain.`,
      hint: 'Correct it and run again.',
    });
}

/** Returns the folder with the files that nginx serves itself: the first of these that has any, otherwise `.`. */
export function assetsFolder(paths: readonly string[], folders: readonly string[]): string {
  return folders.find((folder) => paths.some((path) => path.startsWith(`${folder}/`))) ?? '.';
}
