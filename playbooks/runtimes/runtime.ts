import type { Command, Facts, Playbook, Resource, RuntimeName, Scope, Site, SiteRuntime } from '../../src/index.ts';
import type { Instance } from './instance.ts';

/** A kind of application, as the playbooks see it: everything else is the same for all of them. */
export interface Runtime {
  /** What it needs of a host; none where files alone are served. */
  readonly playbook?: Playbook;
  /** The instance that serves this site as it is configured. */
  readonly instance?: (scope: Scope, facts: Facts) => Instance;
  readonly nginx: (site: Site) => Locations;
  /** Folders of its own that the site may write, besides those that every site has. */
  readonly folders?: (site: Site) => readonly string[];
  /** What every release of a site needs that it answers for; an older version of this program did not record it with the release. */
  readonly needs?: (domain: string) => readonly Resource[];
  /** Prints the last lines of what it says of a failure. */
  readonly log?: (site: Site) => Command;
  /** It runs what lies in the folder that is served, whoever has written it there. */
  readonly runsWhatIsServed?: true;
}

/** Nginx's way to an application. */
export interface Locations {
  /** What stands before the server. */
  readonly before: string;
  /** `location` blocks in it. */
  readonly locations: string;
  /** What is tried for a path, as `try_files` reads it. */
  readonly tries: string;
  /** Names of a folder's page, in their order. */
  readonly index: string;
  /** A path may follow the name of a script: `/info.php/a`. */
  readonly scripts?: true;
  /** A comment on the limit of a request's body, where something else has the same limit. */
  readonly body: string;
}

/** A site whose runtime is of this kind. */
export type SiteOf<Kind extends RuntimeName> = Site & { readonly runtime: Extract<SiteRuntime, { readonly kind: Kind }> };

export function isOf<Kind extends RuntimeName>(site: Site, kind: Kind): site is SiteOf<Kind> {
  return site.runtime.kind === kind;
}

/** The same site, its runtime's kind known. Asking a runtime for a site of another one is a mistake of a playbook. */
export function siteOf<Kind extends RuntimeName>(site: Site, kind: Kind): SiteOf<Kind> {
  if (!isOf(site, kind)) throw new TypeError(`${site.domain} is an application of the kind ${site.runtime.kind}, not ${kind}`);
  return site;
}
