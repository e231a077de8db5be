import { sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { certificatesVariable } from '../engine/run-libraries.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { certificatesFolder } from '../host-paths.ts';
import { folders } from './shell.ts';

interface SelfSignedAttributes {
  readonly state: 'present' | 'absent';
  readonly names: readonly string[];
  /** True if the link `now` points to it as long as the CA has not issued a certificate. */
  readonly standsIn: boolean;
}

interface SelfSignedState {
  readonly names: string;
  readonly leads: boolean;
}

/**
 * Describes a self-signed certificate for these names that the host creates, in `<domain>/self/{fullchain,privkey}.pem` of the folder of
 * certificates. It is valid for ten years. With `standsIn`, the link `<domain>/now` points to it as long as there is no other certificate.
 */
export function selfSigned(domain: string, options: { readonly names: readonly string[]; readonly standsIn?: boolean }): Resource {
  return selfSignedKind.resource(domain, { state: 'present', names: options.names.map(checkName), standsIn: options.standsIn ?? false });
}

/** Checks that a name is a DNS name, because it becomes part of paths and of shell commands. */
export function checkName(name: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a valid domain for a certificate`);
  return name;
}

export const selfSignedKind = defineKind<SelfSignedAttributes, SelfSignedState>({
  name: 'self-signed',
  // It is created before nginx's configuration, which refers to it, is checked.
  phase: 'accounts',
  check: checkName,
  shell: { run: [bundledLibrary('run/self-signed.sh', certificatesVariable), folders] },
  absent: () => ({ state: 'absent', names: [], standsIn: false }),
  read: (resources) => sh`for domain in ${resources.map(({ id }) => id)}; do
  home=${certificatesFolder}/$domain names= leads=no
  [ ! -s "$home/self/privkey.pem" ] || read -r names <"$home/self/names"
  [ ! -e "$home/now/fullchain.pem" ] || leads=yes
  [ -z "$names" ] || printf '%s\t%s\t%s\n' "$domain" "$leads" "$names"
done 2>/dev/null`,
  parse: (output) =>
    new Map(
      output.split('\n').flatMap((line): [string, SelfSignedState][] => {
        const [domain, leads, names] = line.split('\t');
        return domain && names ? [[domain, { names, leads: leads === 'yes' }]] : [];
      }),
    ),
  diff: (domain, desired, current): readonly Difference[] => {
    const folder = `${certificatesFolder}/${domain}/self`;
    if (desired.state === 'absent')
      return current
        ? [
            {
              action: 'remove',
              phase: 'removal',
              summary: 'remove',
              step: { kind: 'plain', apply: sh`move_folder_away ${folder}` },
              undo: sh`restore_folder ${folder}`,
            },
          ]
        : [];
    const leads = current?.leads || !desired.standsIn;
    if (current?.names === desired.names.join(' ') && leads) return [];
    const step = {
      kind: 'plain',
      apply: sh`create_certificate ${domain} ${desired.standsIn ? 'stands-in' : 'alone'} ${desired.names}`,
    } as const;
    return current
      ? [
          {
            action: 'update',
            summary:
              current.names === desired.names.join(' ')
                ? 'use it, because there is no other certificate'
                : `for ${desired.names.join(', ')}`,
            step,
            undo: sh`restore_certificate ${domain}`,
          },
        ]
      : [
          {
            action: 'create',
            summary: `create, for ${desired.names.join(', ')}`,
            step,
            undo: sh`restore_certificate ${domain}`,
          },
        ];
  },
});
