import { z } from 'zod/mini';
import type { RuntimeDefinition, Stated } from './definition.ts';
import { type Php, php, type UserPhp } from './php/php.ts';
import { type Python, python, type UserPython } from './python/python.ts';
import { files, type Static } from './static/static.ts';

/** Every kind of application there is, by the name that a configuration has for it: what a configuration says of it, and what a site has. */
interface Runtimes {
  /** PHP's version, extensions and settings. */
  readonly php: { readonly user: UserPhp; readonly site: Php };
  /** For Python applications. */
  readonly python: { readonly user: UserPython; readonly site: Python };
  /** Files alone. */
  readonly static: { readonly user: never; readonly site: Static };
}

/** In the order in which they look at an application's files. */
export const runtimes: {
  readonly [Name in RuntimeName]: RuntimeDefinition<Runtimes[Name]['user'], Runtimes[Name]['site']>;
} = { php, python, static: files };

export type RuntimeName = keyof Runtimes;

/** What a site's runtime is, with all that it needs to know. */
export type SiteRuntime = Runtimes[RuntimeName]['site'];

/** The runtimes of which a configuration has something to say. */
type Stating = { [Name in RuntimeName]: [Runtimes[Name]['user']] extends [never] ? never : Name }[RuntimeName];

/** The configuration's keys of the runtimes. */
export type UserRuntimes = { readonly [Name in keyof Runtimes as Name & Stating]?: Runtimes[Name]['user'] | undefined };

// Of an object that this file has made, the keys are the type's.
export const runtimeNames = Object.keys(runtimes) as RuntimeName[];

/** Their rules, by key. */
export const runtimeFields = Object.fromEntries(
  Object.entries(runtimes).flatMap(([name, { schema }]: readonly [string, { readonly schema?: z.ZodMiniType }]) =>
    schema ? [[name, z.optional(schema)]] : [],
  ),
) as { readonly [Name in Stating]: z.ZodMiniOptional<z.ZodMiniType<Runtimes[Name]['user']>> };

/** What a site's runtime is: what the configuration says of it, and the defaults. */
export function resolveRuntime(name: RuntimeName, user: UserRuntimes, stated: Stated): Promise<SiteRuntime> {
  const stating: Readonly<Record<string, unknown>> = { ...user };
  // Each key was checked by the rules of its own runtime.
  return (runtimes[name] as RuntimeDefinition<unknown, SiteRuntime>).resolve(stating[name], stated);
}
