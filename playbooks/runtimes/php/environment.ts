import type { Site } from '../../../src/index.ts';
import type { Database } from '../../database/engine.ts';
import { environmentOf } from '../environment.ts';

/** FPM refuses an empty value, but a variable of its own environment that is not set becomes one. */
const nothing = '$FOOBAR_EMPTY';

/** Returns the pool's `env[…]` lines. */
export function poolEnvironment(site: Site, database: Database | undefined, usual: Readonly<Record<string, string>>): string {
  return environmentOf(site, database, usual)
    .map(([name, value]) => `env[${name}] = ${value === '' ? nothing : `"${quotable(name, value)}"`}`)
    .join('\n');
}

/**
 * Returns a value for a place between double quotes. FPM's parser expands `$` and ends at `"`, and no escape works in every version, so
 * such values are refused.
 */
function quotable(name: string, value: string): string {
  if (/["$\\\p{Cc}]/u.test(value))
    throw new TypeError(`app.env.${name} holds a character that an FPM pool cannot: one of " $ \\ or a line's end`);
  return value;
}
