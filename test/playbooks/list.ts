import { handlerId } from '../../src/engine/handler.ts';
import { gather } from '../../src/engine/playbook.ts';
import type { Resource } from '../../src/engine/resource.ts';
import { type Config, type Facts, type InventoryHost, type Playbook, Problem } from '../../src/index.ts';
import { viewOf } from './view.ts';

/** Returns a playbook's resources for a host, one line each: the name, the important attributes, and the handlers. */
export function list(playbook: Playbook, config: Config, facts: Facts): readonly string[] {
  return gather([playbook], viewOf(config, facts)).map(({ resource }) =>
    [`${resource.kind}:${resource.id}`, ...details(resource), ...resource.notify.map((handler) => `=> ${handlerId(handler)}`)].join(' '),
  );
}

/** Returns the content of the file at this path. */
export function contentOf(playbook: Playbook, config: Config, facts: Facts, path: string, host?: InventoryHost): string {
  const found = gather([playbook], viewOf(config, facts, host)).find(({ resource }) => resource.kind === 'file' && resource.id === path);
  const content = found && attributesOf(found.resource).content;
  if (typeof content !== 'string') throw new Problem({ message: `the playbook ${playbook.name} wants no file ${path}` });
  return content;
}

function attributesOf({ attributes }: Resource): Readonly<Record<string, unknown>> {
  return typeof attributes === 'object' && attributes !== null ? { ...attributes } : {};
}

function details(resource: Resource): readonly unknown[] {
  const {
    state,
    mode,
    owner,
    group,
    holds,
    secrets,
    broughtBy,
    path,
    by,
    to,
    running,
    enabled,
    database,
    secret,
    home,
    digest,
    links,
    user,
    files,
    release,
    keep,
    folder,
  } = attributesOf(resource);
  const own = owner === 'root' && group === 'root' ? [mode] : [mode, `${owner}:${group}`];
  switch (resource.kind) {
    case 'file':
      return state === 'absent' ? ['absent', ...(broughtBy ? [`(of ${broughtBy})`] : [])] : [...own, ...listed('filling', secrets)];
    case 'directory':
      return [...own, ...(holds === 'others' ? [] : [holds])];
    case 'symlink':
      return [`-> ${to}`];
    case 'service':
      return broughtBy
        ? [`unless there before ${broughtBy}`]
        : [...(running ? ['running'] : []), ...(enabled ? ['enabled'] : []), ...(path ? [`from ${path}`] : [])];
    case 'mysql-user':
      return [`on ${database} by ${secret}`];
    case 'user':
      return [`${group} at ${home}`];
    case 'release':
      return [`of ${digest} by ${user}`, ...listed('sharing', links)];
    case 'migrations':
      return [`as ${user} by ${secret} from ${folder}`, ...listed('of', Array.isArray(files) ? files.map(({ name }) => name) : [])];
    case 'live':
      return [`-> ${release}, keeping ${keep}`, ...(by ? ['by its instance'] : [])];
    default:
      return [];
  }
}

function listed(word: string, items: unknown): readonly string[] {
  return Array.isArray(items) && items.length > 0 ? [`${word} ${items.join(', ')}`] : [];
}
