import type { z } from 'zod/mini';
import type { Secret } from '../command/secret.ts';
import type { Limits, UserLimits } from '../limits.ts';
import type { Detected, Rule } from './detected.ts';

/** What is known of a site before its runtime is. */
export interface Stated {
  readonly detected: Detected;
  /** The configuration's folder, which its paths are relative to. */
  readonly folder: string;
  /** The version that the command line names. */
  readonly version?: string | undefined;
  /** The application's environment, which not every runtime can hold. */
  readonly env: Readonly<Record<string, string | Secret>>;
  readonly limits: UserLimits;
}

/** How many processes a site may have, and on how many processors. */
export interface Room {
  /** Processes that the host's memory allows for one site. */
  readonly share: number;
  readonly processors: number;
}

/** A kind of application, as far as its configuration and its files go; what it is on a host is its folder's in playbooks/runtimes/. */
export interface RuntimeDefinition<User, Resolved extends { readonly kind: string }> {
  /** Says whether the files are an application of this kind. */
  readonly detect?: Rule;
  /** The application's own program answers every address: its `.htaccess` files and the like mean nothing. */
  readonly answersEveryAddress?: true;
  /** The rules of the configuration's key of the runtime's name; none where a configuration has nothing to say of it. */
  readonly schema?: z.ZodMiniType<User>;
  /** Returns how many processes answer for one site; none where files alone are served. */
  readonly processes?: (room: Room) => number;
  /** Returns folders of the host that the application is to write besides the site's own. */
  readonly elsewhere?: (user: User) => readonly string[];
  /** Returns what its own settings say about the limits of a request. A runtime without this cannot limit memory. */
  readonly limits?: (resolved: Resolved) => Partial<Limits>;
  /** Fills in the defaults. Rejects with a Problem where something cannot be. */
  readonly resolve: (user: User | undefined, stated: Stated) => Promise<Resolved>;
}

/** Gives a runtime its types; it changes nothing. */
export function defineRuntime<User, Resolved extends { readonly kind: string }>(
  definition: RuntimeDefinition<User, Resolved>,
): RuntimeDefinition<User, Resolved> {
  return definition;
}
