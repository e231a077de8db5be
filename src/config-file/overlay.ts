import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Problem } from '../error.ts';
import { nearest } from '../nearest.ts';

/** The file name extensions of a configuration file. */
export const extensions = ['ts', 'mts', 'js', 'mjs', 'json'] as const;

/** Returns the path of an environment's overlay: `foobar.config.staging.ts` beside `foobar.config.ts`. Throws a Problem if it does not exist. */
export function overlayFile(environment: string, config: string | undefined): string {
  const known = environmentsBeside(config);
  const { folder, stem } = placeOf(config);
  const found = known.includes(environment)
    ? extensions.map((extension) => join(folder, `${stem}.${environment}.${extension}`)).find(existsSync)
    : undefined;
  if (found !== undefined) return found;
  const meant = nearest(environment, known);
  const others = known.length === 0 ? '' : ` The environments are ${known.join(', ')}${meant ? `; did you mean ${meant}?` : '.'}`;
  throw new Problem({
    message: `There is no environment ${environment}: ${join(folder, `${stem}.${environment}.ts`)} does not exist.${others}`,
    hint: `Create that file with the values that differ in that environment: export default defineOverlay({ server: 'root@${environment}.example.com', domain: '${environment}.example.com' });`,
  });
}

/** Returns the names of the environments that have an overlay beside a configuration. */
export function environmentsBeside(config: string | undefined): readonly string[] {
  const { folder, stem } = placeOf(config);
  const names = readdirSync(folder).flatMap((name) => {
    const [, environment, extension] =
      /^([a-z0-9][a-z0-9-]*)\.(\w+)$/i.exec(name.startsWith(`${stem}.`) ? name.slice(stem.length + 1) : '') ?? [];
    return environment !== undefined && extensions.some((each) => each === extension) ? [environment] : [];
  });
  return [...new Set(names)].sort();
}

/** Returns the folder of the configuration, and the name of its file without the extension. */
function placeOf(config = 'foobar.config.ts'): { readonly folder: string; readonly stem: string } {
  return { folder: dirname(config), stem: basename(config).replace(/\.\w+$/, '') };
}

/**
 * Returns a configuration with the values of an overlay merged into it. Objects are merged key by key; every other value, including a list, is
 * replaced. An `undefined` value in the overlay changes nothing. `server` and `servers` replace each other.
 */
export function merged(base: unknown, overlay: unknown): unknown {
  if (!isPlain(base) || !isPlain(overlay)) return overlay;
  const { server, servers } = overlay;
  const kept = Object.entries(base).filter(
    ([key]) => !(key === 'servers' && server !== undefined) && !(key === 'server' && servers !== undefined),
  );
  return mergedObjects(Object.fromEntries(kept), overlay);
}

type Plain = Readonly<Record<string, unknown>>;

function mergedObjects(base: Plain, overlay: Plain): Plain {
  const changed = Object.entries(overlay).filter(([, value]) => value !== undefined);
  return {
    ...base,
    ...Object.fromEntries(
      changed.map(([key, value]) => {
        const own = Object.hasOwn(base, key) ? base[key] : undefined;
        return [key, isPlain(own) && isPlain(value) ? mergedObjects(own, value) : value];
      }),
    ),
  };
}

/** Returns whether a value is an object that was written as such, and not a `Secret` or a list. A playbook is one value too. */
function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
