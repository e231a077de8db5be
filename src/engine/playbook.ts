import { isDeepStrictEqual } from 'node:util';
import type { Command } from '../command/command.ts';
import type { Config, Site } from '../config/config.ts';
import type { InventoryHost, Role } from '../config/inventory.ts';
import { Problem } from '../error.ts';
import type { Facts } from '../facts/facts.ts';
import type { Check } from '../health/check.ts';
import { handlerId } from './handler.ts';
import type { Peers } from './peers.ts';
import type { Kind, Resource } from './resource.ts';
import { nameOf, type ResourceId } from './resource-id.ts';

/** What a playbook can see besides the facts: one site, the whole configuration, its host, and the other servers. */
export interface Scope {
  readonly site: Site;
  readonly config: Config;
  /** The host that the resources are for. */
  readonly host: InventoryHost;
  /** The other servers, by role. */
  readonly peers: Peers;
}

/** What a playbook can see before the facts are known. */
export type EarlyScope = Omit<Scope, 'peers'>;

/** A unit that changes the host on its own, such as a renewal by a timer. */
export interface BusyUnit {
  /** Its full name: `certbot.service`. */
  readonly unit: string;
  /** What it does, to complete a sentence about the host: `renews a certificate`. */
  readonly does: string;
}

/**
 * A part of the stack: a pure function from the configuration and the host's facts to a list of resources. It is called once per site. A
 * resource that several sites share (a package, a service) is listed for each of them and counts once.
 */
export interface Playbook {
  readonly name: string;
  /** The roles of the hosts that it applies to. By default it applies to every host. */
  readonly roles?: readonly Role[];
  /** True if `deploy` applies its resources. */
  readonly deploys?: boolean;
  /** Packages whose versions the playbook needs to know. A nested list names alternatives, of which one is enough. */
  readonly packages?: (scope: EarlyScope) => readonly (string | readonly string[])[];
  /** Packages of which it needs to know only whether they are installed, and in which version. */
  readonly presence?: (scope: EarlyScope) => readonly string[];
  /** The names of the host's secrets that its checks need, and that no log may show. */
  readonly secrets?: (scope: EarlyScope) => readonly string[];
  /**
   * Returns a command that prints, as root, what the playbook needs to know about its site before the plan. `Survey.observed` has its
   * output by playbook and domain.
   */
  readonly observe?: (scope: EarlyScope) => Command | undefined;
  /** Units that change the host on their own. A run waits until none of them is active. */
  readonly busyUnits?: readonly BusyUnit[];
  /** Kinds of resources that it defines. Their resources can be removed only while a playbook lists the kind. */
  readonly kinds?: readonly Kind[];
  readonly resources: (scope: Scope, facts: Facts) => readonly Resource[];
  /**
   * Resources of earlier runs that stay on the host when `resources` no longer lists them, and of which the record is dropped. By default
   * such resources are removed.
   */
  readonly forgets?: readonly ResourceId[] | ((scope: EarlyScope) => readonly ResourceId[]);
  /** How the host's own state changes what the playbook does, one sentence each; shown with the plan. */
  readonly remarks?: (scope: Scope, facts: Facts) => readonly string[];
  readonly health?: (scope: Scope, facts: Facts) => readonly Check[];
}

/** Returns the playbook unchanged; it exists for type inference. */
export function definePlaybook(playbook: Playbook): Playbook {
  return playbook;
}

/** Returns the playbooks that apply to a host by its roles, in the order of the list. */
export function playbooksFor({ roles }: InventoryHost, playbooks: readonly Playbook[]): readonly Playbook[] {
  return playbooks.filter((playbook) => playbook.roles === undefined || playbook.roles.some((role) => roles.includes(role)));
}

/** Everything that playbooks can see of one host. A scope is a view with one of the sites. */
export interface View extends Omit<Scope, 'site'> {
  readonly facts: Facts;
}

/** Returns the results of a playbook's function for every site, in order. */
function forEverySite<T>({ facts, ...shared }: View, ask: (scope: Scope, facts: Facts) => readonly T[]): readonly T[] {
  return shared.config.sites.flatMap((site) => ask({ site, ...shared }, facts));
}

/** A desired resource and its playbook. */
export interface DesiredResource {
  readonly playbook: string;
  readonly resource: Resource;
  /** The domain of its site, if only one of several sites has it. */
  readonly site?: string;
}

/**
 * Returns the desired resources of a host: those of every playbook for every site, in order, each once. Throws a Problem if two playbooks
 * disagree about one.
 */
export function gather(playbooks: readonly Playbook[], view: View): readonly DesiredResource[] {
  const desired = new Map<string, DesiredResource>();
  const sites = new Map<string, Set<string>>();
  for (const playbook of playbooks) {
    const listed = forEverySite(view, (scope, facts) =>
      playbook.resources(scope, facts).map((resource) => ({ resource, domain: scope.site.domain })),
    );
    for (const { resource, domain } of listed) {
      const name = nameOf(resource);
      const known = desired.get(name);
      if (known && !isDeepStrictEqual(known.resource.attributes, resource.attributes))
        throw disagreement(name, known.playbook, playbook.name);
      desired.set(name, known ? { ...known, resource: merge(known.resource, resource) } : { playbook: playbook.name, resource });
      sites.set(name, (sites.get(name) ?? new Set()).add(domain));
    }
  }
  const all = [...desired].map(([name, each]): DesiredResource => {
    const [site, ...others] = sites.get(name) ?? [];
    return site !== undefined && others.length === 0 && view.config.sites.length > 1 ? { ...each, site } : each;
  });
  return withCheckers(all);
}

/**
 * Gives a handler without a checker the one that another playbook names for the same unit, so that `reload('nginx')` is checked, and
 * reloads nginx in the same way, whoever writes it.
 */
function withCheckers(desired: readonly DesiredResource[]): readonly DesiredResource[] {
  const checked = new Map(
    desired.flatMap(({ resource }) => resource.notify.flatMap((each) => (each.checker ? [[each.unit, each] as const] : []))),
  );
  return desired.map((each) => {
    const { resource } = each;
    if (resource.notify.every(({ unit, checker }) => checker || !checked.has(unit))) return each;
    const notify = resource.notify.map((handler) => {
      const other = checked.get(handler.unit);
      if (handler.checker || !other?.checker) return handler;
      return handler.verb === other.verb ? other : { ...handler, checker: other.checker };
    });
    return { ...each, resource: { ...resource, notify } };
  });
}

function merge(one: Resource, other: Resource): Resource {
  const ids = new Set(one.notify.map(handlerId));
  const ports = [...new Set([...(one.ports ?? []), ...(other.ports ?? [])])];
  return {
    ...one,
    notify: [...one.notify, ...other.notify.filter((handler) => !ids.has(handlerId(handler)))],
    ...(ports.length > 0 && { ports }),
  };
}

function disagreement(name: string, one: string, other: string): Problem {
  return new Problem({
    message: `The playbooks "${one}" and "${other}" define ${name} differently.`,
    hint: 'Give one of them another name, or make both define the same.',
  });
}

/** Returns the playbooks' remarks about the host, each once. */
export function remarksOf(playbooks: readonly Playbook[], view: View): readonly string[] {
  return [...new Set(playbooks.flatMap((playbook) => forEverySite(view, (scope, facts) => playbook.remarks?.(scope, facts) ?? [])))];
}

/** Returns the health checks of the playbooks, each once. A check that only one of several sites has names this site. */
export function checksOf(playbooks: readonly Playbook[], view: View): readonly Check[] {
  const all = playbooks.flatMap((playbook) =>
    forEverySite(view, (scope, facts) => (playbook.health?.(scope, facts) ?? []).map((check) => ({ check, site: scope.site.domain }))),
  );
  const isSame = (one: Check, other: Check) => isDeepStrictEqual(one, other);
  return all
    .filter(({ check }, index) => all.findIndex((other) => isSame(check, other.check)) === index)
    .map(({ check, site }) => {
      const isOwn = view.config.sites.length > 1 && all.every((other) => other.site === site || !isSame(check, other.check));
      return isOwn ? { ...check, site } : check;
    });
}
