import { z } from 'zod/mini';
import type { Room, RuntimeDefinition, Stated } from './definition.ts';
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
  return definitionOf(name).resolve(statedOf(user, name), stated);
}

/** Returns folders of the host that the application is to write besides the site's own, as the configuration's keys of the runtimes have them. */
export function elsewhereOf(user: UserRuntimes): readonly string[] {
  return runtimeNames.flatMap((name) => {
    const stated = statedOf(user, name);
    return stated === undefined ? [] : (definitionOf(name).elsewhere?.(stated) ?? []);
  });
}

// What a configuration says of each runtime was checked by the rules of that one.
function definitionOf(name: RuntimeName): RuntimeDefinition<unknown, SiteRuntime> {
  return runtimes[name] as RuntimeDefinition<unknown, SiteRuntime>;
}

function statedOf(user: UserRuntimes, name: RuntimeName): unknown {
  return Object.entries(user).find(([key]) => key === name)?.[1];
}

/** Returns how many processes of a runtime answer for one site. A runtime that only a later version of this program knows has all of its share. */
export function processesOf(name: string, room: Room): number {
  const known = runtimeNames.find((each) => each === name);
  return known ? (definitionOf(known).processes?.(room) ?? 0) : room.share;
}
