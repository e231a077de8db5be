import type { Site } from '../../../src/index.ts';
import type { Database } from '../../database/engine.ts';
import { environmentOf } from '../environment.ts';

/** FPM refuses an empty value, but a variable of its own environment that is not set becomes one. */
const nothing = '$FOOBAR_EMPTY';

/** Returns the pool's `env[…]` lines. `stored` are the names of the variables that the unit reads. */
export function poolEnvironment(
  site: Site,
  database: Database | undefined,
  usual: Readonly<Record<string, string>>,
  stored: readonly string[] = [],
): string {
  const configured = environmentOf(site, database, usual).filter(([name]) => !stored.includes(name));
  return [
    ...configured.map(([name, value]) => `env[${name}] = ${value === '' ? nothing : `"${quotable(name, value)}"`}`),
    // FPM's own environment has these, so that their values may contain any character.
    ...stored.map((name) => `env[${name}] = $${name}`),
  ].join('\n');
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
