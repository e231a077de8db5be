import { sh } from '../command/command.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { bundledLibrary } from '../engine/shell-library.ts';

interface RepositoryAttributes {
  readonly state: 'present' | 'absent';
  readonly sources: string;
  readonly key: string;
}

/**
 * Describes an apt repository in deb822 format with its own key, which is trusted for this repository only. `key` is the armored public
 * key. Its packages are named with `packages.from`.
 */
export function aptRepository(
  name: string,
  options: { readonly uris: string; readonly suites: string; readonly components: string; readonly key: string },
): Resource {
  checkName(name);
  const sources = `Types: deb\nURIs: ${options.uris}\nSuites: ${options.suites}\nComponents: ${options.components}\nSigned-By: ${keyPath(name)}\n`;
  return repositoryKind.resource(name, { state: 'present', sources, key: `${options.key.trim()}\n` });
}

function checkName(name: string): string {
  if (!/^[a-z0-9-]+$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a valid name for an apt repository`);
  return name;
}

function keyPath(name: string): string {
  return `/etc/apt/keyrings/${name}.asc`;
}

function sourcesPath(name: string): string {
  return `/etc/apt/sources.list.d/${name}.sources`;
}

export const repositoryKind = defineKind<RepositoryAttributes, { readonly sources: string; readonly key: string }>({
  name: 'apt-repository',
  phase: 'packages',
  check: checkName,
  shell: { run: [bundledLibrary('run/apt-repository.sh')] },
  conflict: ({ attributes }, { sources }) =>
    sources.trim() === '' || sources.trim() === attributes.sources.trim()
      ? undefined
      : `exists, as ${/^URIs:\s*(.*)$/m.exec(sources)?.[1] ?? 'another source'}`,
  absent: () => ({ state: 'absent', sources: '', key: '' }),
  read: (resources) =>
    sh`for name in ${resources.map(({ id }) => id)}; do printf 'name\t%s\n' "$name"; cat "/etc/apt/sources.list.d/$name.sources" 2>/dev/null; printf 'key\n'; cat "/etc/apt/keyrings/$name.asc" 2>/dev/null; done`,
  parse: (output) =>
    new Map(
      output
        .split(/^name\t/m)
        .slice(1)
        .map((part) => {
          const [head = '', key = ''] = part.split(/^key$/m);
          const end = head.indexOf('\n') + 1;
          return [head.slice(0, end - 1), { sources: head.slice(end), key }];
        }),
    ),
  diff: (name, desired, current) => {
    const undo = sh`restore_repository ${name}`;
    const exists = current !== undefined && current.sources !== '';
    if (desired.state === 'absent')
      return exists
        ? [
            {
              action: 'remove',
              summary: 'remove',
              step: { kind: 'repository', prepare: sh`remove_repository ${name}`, verify: sh`:` },
              undo,
            },
          ]
        : [];
    if (exists && current.sources.trim() === desired.sources.trim() && current.key.trim() === desired.key.trim()) return [];
    return [
      {
        action: exists ? 'update' : 'create',
        summary: /URIs: (.*)/.exec(desired.sources)?.[1] ?? '',
        step: {
          kind: 'repository',
          prepare: sh`${exists ? [] : sh`is_free ${sourcesPath(name)} && `}add_repository ${name} ${desired.sources} ${desired.key}`,
          verify: sh`test -s ${sourcesPath(name)}`,
        },
        undo,
      },
    ];
  },
});
