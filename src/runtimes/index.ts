import { z } from 'zod/mini';
import type { RuntimeDefinition, Stated } from './definition.ts';
import { php } from './php/php.ts';
import { python } from './python/python.ts';
import { files } from './static/static.ts';

/** Every kind of application there is, by the name that a configuration has for it, in the order in which they look at an application's files. */
export const runtimes = {
  /** PHP's version, extensions and settings. */
  php,
  /** For Python applications. */
  python,
  /** Files alone. */
  static: files,
};

type Runtimes = typeof runtimes;
export type RuntimeName = keyof Runtimes;

/** What a site's runtime is, with all that it needs to know. */
export type SiteRuntime = Awaited<ReturnType<Runtimes[RuntimeName]['resolve']>>;

type UserOf<Definition> = Definition extends RuntimeDefinition<infer User, infer _> ? User : never;
/** The runtimes of which a configuration has something to say. */
type Stating = { [Name in RuntimeName]: [UserOf<Runtimes[Name]>] extends [never] ? never : Name }[RuntimeName];

/** The configuration's keys of the runtimes. */
export type UserRuntimes = { readonly [Name in keyof Runtimes as Name & Stating]?: UserOf<Runtimes[Name]> | undefined };

// Of an object that this file has made, the keys are the type's.
export const runtimeNames = Object.keys(runtimes) as RuntimeName[];

/** Their rules, by key. */
export const runtimeFields = Object.fromEntries(
  Object.entries(runtimes).flatMap(([name, { schema }]: readonly [string, { readonly schema?: z.ZodMiniType }]) =>
    schema ? [[name, z.optional(schema)]] : [],
  ),
) as { readonly [Name in Stating]: z.ZodMiniOptional<z.ZodMiniType<UserOf<Runtimes[Name]>>> };

/** What a site's runtime is: what the configuration says of it, and the defaults. */
export function resolveRuntime(name: RuntimeName, user: UserRuntimes, stated: Stated): Promise<SiteRuntime> {
  const stating: Readonly<Record<string, unknown>> = { ...user };
  // Each key was checked by the rules of its own runtime.
  return (runtimes[name] as RuntimeDefinition<unknown, SiteRuntime>).resolve(stating[name], stated);
}
