import type { Command, Facts, Playbook, Resource, RuntimeName, Scope, Site, SiteRuntime } from '../../src/index.ts';
import type { Instance } from './instance.ts';

/** A kind of application, as far as it differs from the others in the playbooks. */
export interface Runtime {
  /** Sets up what it needs on a host; undefined if only files are served. */
  readonly playbook?: Playbook;
  /** The instance that serves this site as it is configured. */
  readonly instance?: (scope: Scope, facts: Facts) => Instance;
  /** Returns Nginx's configuration. `release` is the path at which Nginx finds the files and the socket of the served release. */
  readonly nginx: (site: Site, release: string) => Locations;
  /** Returns its folders that the site may write, besides those that every site has. */
  readonly folders?: (site: Site) => readonly string[];
  /** Returns the needs of every release that it answers for. Older versions of this program did not record them with the release. */
  readonly needs?: (domain: string) => readonly Resource[];
  /** Prints the last lines of its logs. */
  readonly log?: (site: Site) => Command;
  /** Prints today's errors about files that it could not write. */
  readonly refused?: (site: Site) => Command;
  /** Set if it executes any script in the served folder, whoever wrote it there. */
  readonly runsWhatIsServed?: true;
}

/** Nginx's configuration for an application. */
export interface Locations {
  /** The part before the `server` block. */
  readonly before: string;
  /** `location` blocks in the server. */
  readonly locations: string;
  /** The block for the front page and the front controller, which is tested before all other patterns. */
  readonly frontController?: string;
  /** The arguments of `try_files`. */
  readonly tries: string;
  /** Names of index files, in their order. */
  readonly index: string;
  /** Set if a path may follow the name of a script: `/info.php/a`. */
  readonly scripts?: true;
  /** A comment on the size limit of a request's body, if something else has the same limit. */
  readonly body: string;
}

/** A site whose runtime is of this kind. */
export type SiteOf<Kind extends RuntimeName> = Site & { readonly runtime: Extract<SiteRuntime, { readonly kind: Kind }> };

export function isOf<Kind extends RuntimeName>(site: Site, kind: Kind): site is SiteOf<Kind> {
  return site.runtime.kind === kind;
}

/** Returns the site with the type of its runtime. Calling it for a site of another runtime is a bug in a playbook. */
export function siteOf<Kind extends RuntimeName>(site: Site, kind: Kind): SiteOf<Kind> {
  if (!isOf(site, kind)) throw new TypeError(`${site.domain} is an application of the kind ${site.runtime.kind}, not ${kind}`);
  return site;
}
