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
  /** Until a CA gives one: `now` leads to this one where it leads nowhere. */
  readonly standsIn: boolean;
}

interface SelfSignedState {
  readonly names: string;
  readonly leads: boolean;
}

/**
 * A certificate for these names that is signed by its own key, made on the host, in `<domain>/self/{fullchain,privkey}.pem` of the folder of certificates.
 * It holds ten years. With `standsIn`, the link `<domain>/now` leads to it as long as no other is there.
 */
export function selfSigned(domain: string, options: { readonly names: readonly string[]; readonly standsIn?: boolean }): Resource {
  return selfSignedKind.resource(domain, { state: 'present', names: options.names.map(checkName), standsIn: options.standsIn ?? false });
}

/** As DNS has names; they become paths and words of a shell. */
export function checkName(name: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no domain for a certificate`);
  return name;
}

export const selfSignedKind = defineKind<SelfSignedAttributes, SelfSignedState>({
  name: 'self-signed',
  // Before nginx's own files are checked, which name it.
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
