import { z } from 'zod/mini';
import type { Limits } from '../limits.ts';
import { command } from './command/command.ts';
import type { Build, Room, RuntimeDefinition, Stated } from './definition.ts';
import type { Detected, Files } from './detected.ts';
import { node } from './node/node.ts';
import { anyPhp } from './php/detect.ts';
import { php } from './php/php.ts';
import { python } from './python/python.ts';
import { files } from './static/static.ts';

/**
 * All runtimes, by their names in a configuration, in the order in which they look at an application's files. The comments describe the
 * configuration's keys.
 */
export const runtimes = {
  /** PHP's version, extensions and settings. */
  php,
  /** For Python applications. */
  python,
  /** For Node.js applications. */
  node,
  /** For any other HTTP server that a command starts. */
  command,
  /** For sites of static files. */
  static: files,
};

type Runtimes = typeof runtimes;

export type RuntimeName = keyof Runtimes;

type UserOf<Definition> = Definition extends RuntimeDefinition<infer User, infer _> ? User : never;
type SiteOf<Definition> = Definition extends RuntimeDefinition<infer _, infer Resolved> ? Resolved : never;

/** A site's runtime, with all its settings. */
export type SiteRuntime = SiteOf<Runtimes[RuntimeName]>;

/** The runtimes that have settings in a configuration. */
type Stating = { [Name in RuntimeName]: [UserOf<Runtimes[Name]>] extends [never] ? never : Name }[RuntimeName];

/** The configuration keys of the runtimes. */
export type UserRuntimes = { readonly [Name in keyof Runtimes as Name & Stating]?: UserOf<Runtimes[Name]> | undefined };

// The type is right: the object is made in this file, so it has no other keys.
export const runtimeNames = Object.keys(runtimes) as RuntimeName[];

/** The rules of the runtimes' configuration keys, by key. */
export const runtimeFields = Object.fromEntries(
  Object.entries(runtimes).flatMap(([name, { schema }]: readonly [string, { readonly schema?: z.ZodMiniType }]) =>
    schema ? [[name, z.optional(schema)]] : [],
  ),
) as { readonly [Name in Stating]: z.ZodMiniOptional<z.ZodMiniType<UserOf<Runtimes[Name]>>> };

/** The runtime of an application that no runtime recognizes. */
export const defaultRuntime = 'php' satisfies RuntimeName;

/** What an application's files say about it, and the runtime that serves it. */
export interface DetectedWithRuntime extends Detected {
  readonly runtime: RuntimeName;
}

/** Detects from an application's files which runtime serves it. If the configuration states one, its own detection comes first. */
export function detectRuntime(files: Files, stated?: RuntimeName): DetectedWithRuntime {
  for (const runtime of [...(stated ? [stated] : []), ...runtimeNames]) {
    const found = definitionOf(runtime).detect?.(files);
    if (found) return { ...found, runtime };
  }
  return { ...anyPhp(files), runtime: defaultRuntime };
}

/** Returns the runtime that a configuration states, by name or by having settings of a runtime that no files show. */
export function statedRuntime(name: RuntimeName | undefined, user: UserRuntimes): RuntimeName | undefined {
  return name ?? runtimeNames.find((each) => definitionOf(each).isStatedBySettings && statedOf(user, each) !== undefined);
}

/** Returns what a runtime sends besides the usual files, and what it keeps back, as patterns of `.gitignore`. */
export function sendingRulesOf(name: RuntimeName, files: Files): readonly string[] {
  return definitionOf(name).sends?.(files) ?? [];
}

/** Returns the usual build of an application, if its runtime has one. */
export function usualBuildOf(name: RuntimeName, files: Files): Build | undefined {
  return definitionOf(name).build?.(files);
}

/** Returns whether the application's own program answers every address, so its `.htaccess` files and the like have no effect. */
export function answersEveryAddress(name: RuntimeName): boolean {
  return definitionOf(name).answersEveryAddress ?? false;
}

/** Resolves to a site's runtime: the settings of the configuration, and the defaults. */
export async function resolveRuntime(name: RuntimeName, user: UserRuntimes, stated: Stated): Promise<SiteRuntime> {
  return definitionOf(name).resolve(statedOf(user, name), stated);
}

/** Returns what a runtime's own settings say about the limits of a request. */
export function limitsOfRuntime(runtime: SiteRuntime): Partial<Limits> {
  return definitionOf(runtime.kind).limits?.(runtime) ?? {};
}

/** Returns additional folders of the host that the application may write, from the configuration keys of the runtimes. */
export function elsewhereOf(user: UserRuntimes): readonly string[] {
  return runtimeNames.flatMap((name) => {
    const stated = statedOf(user, name);
    return stated === undefined ? [] : (definitionOf(name).elsewhere?.(stated) ?? []);
  });
}

// The cast is safe: each runtime's settings were checked by its own rules.
function definitionOf(name: RuntimeName): RuntimeDefinition<unknown, SiteRuntime> {
  return runtimes[name] as RuntimeDefinition<unknown, SiteRuntime>;
}

function statedOf(user: UserRuntimes, name: RuntimeName): unknown {
  return Object.entries(user).find(([key]) => key === name)?.[1];
}

/**
 * Returns how many processes of a runtime answer for one site. A runtime that only a later version of this program knows gets its full
 * share.
 */
export function processesOf(name: string, room: Room): number {
  const known = runtimeNames.find((each) => each === name);
  return known ? (definitionOf(known).processes?.(room) ?? 0) : room.share;
}
