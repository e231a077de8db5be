import type { z } from 'zod/mini';
import type { Secret } from '../command/secret.ts';
import type { Limits, UserLimits } from '../limits.ts';
import type { Detected, Files, Rule } from './detected.ts';

/** What is known about a site before its runtime is resolved. */
export interface Stated {
  readonly detected: Detected;
  /** The configuration's folder; paths in the configuration are relative to it. */
  readonly folder: string;
  /** The version from the command line. */
  readonly version?: string | undefined;
  /** The application's environment. Not every runtime can represent every value. */
  readonly env: Readonly<Record<string, string | Secret>>;
  readonly limits: UserLimits;
}

/** What makes a part of an application that is usually not in its repository. */
export interface Build {
  /** The folder that it makes: `node_modules`. */
  readonly makes: string;
  readonly commands: readonly string[];
}

/** How many processes a site may have, and on how many processors. */
export interface Room {
  /** Processes that the host's memory allows for one site. */
  readonly share: number;
  readonly processors: number;
}

/**
 * A kind of application: its configuration and how its files are recognized. How it runs on a host is in its folder in playbooks/runtimes/.
 */
export interface RuntimeDefinition<User, Resolved extends { readonly kind: string }> {
  /** Recognizes an application of this kind by its files. */
  readonly detect?: Rule;
  /** Set if the application's own program answers every address, so its `.htaccess` files and the like have no effect. */
  readonly answersEveryAddress?: true;
  /** Set if a site whose configuration has the runtime's key is of this kind, because its files do not show it. */
  readonly isStatedBySettings?: true;
  /** Returns what is sent and kept back besides the usual files, as patterns of `.gitignore`. */
  readonly sends?: (files: Files) => readonly string[];
  /** Returns the usual build of the application. It runs if the configuration names no build and its result is missing. */
  readonly build?: (files: Files) => Build | undefined;
  /** The rules for the configuration key named after the runtime; undefined if the runtime has no settings. */
  readonly schema?: z.ZodMiniType<User>;
  /** Returns how many processes answer for one site; undefined if only files are served. */
  readonly processes?: (room: Room) => number;
  /** Returns additional folders of the host that the application may write, outside the site's own. */
  readonly elsewhere?: (user: User) => readonly string[];
  /** Returns what its own settings say about the limits of a request. */
  readonly limits?: (resolved: Resolved) => Partial<Limits>;
  /** Fills in the defaults. Rejects with a Problem if a setting cannot be used. */
  readonly resolve: (user: User | undefined, stated: Stated) => Promise<Resolved>;
}

/** Returns the definition unchanged, with its types. */
export function defineRuntime<User, Resolved extends { readonly kind: string }>(
  definition: RuntimeDefinition<User, Resolved>,
): RuntimeDefinition<User, Resolved> {
  return definition;
}
