import { sh } from '../command/command.ts';
import type { Handler } from '../engine/handler.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { checkSecretName, secretShell } from './secret.ts';

interface FleetCertificateAttributes {
  readonly state: 'present' | 'absent';
  readonly purpose: 'authority' | 'server' | 'client';
}

/**
 * Describes a certificate by which the servers of a configuration know each other, stored among the host's secrets with its key. The one for
 * the `authority` is the CA that issues the others: its key is stored apart and never leaves the host. They are valid for ten years, and
 * renewed in the last.
 */
export function fleetCertificate(
  name: string,
  { purpose, notify }: { readonly purpose: FleetCertificateAttributes['purpose']; readonly notify?: Handler },
): Resource {
  return fleetCertificateKind.resource(name, { state: 'present', purpose }, { notify });
}

export const fleetCertificateKind = defineKind<FleetCertificateAttributes, true>({
  name: 'fleet-certificate',
  phase: 'accounts',
  check: checkSecretName,
  shell: {
    run: [bundledLibrary('run/fleet-certificates.sh', secretShell)],
    read: [bundledLibrary('read/fleet-certificates.sh')],
  },
  absent: () => ({ state: 'absent', purpose: 'client' }),
  read: (resources) =>
    sh`read_fleet_certificates ${resources.flatMap(({ id, attributes: { state, purpose } }) => [id, state === 'absent' ? 'none' : purpose])}`,
  parse: (output) =>
    new Map(
      output
        .split('\n')
        .filter(Boolean)
        .map((name) => [name, true]),
    ),
  diff: (name, { state, purpose }, current) => {
    const undo = sh`restore_fleet_certificate ${name} ${purpose}`;
    if (state === 'absent')
      return current === undefined
        ? []
        : [
            {
              action: 'remove',
              phase: 'removal',
              summary: 'remove',
              step: { kind: 'plain', apply: sh`remove_fleet_certificate ${name}` },
              undo,
            },
          ];
    if (current) return [];
    const summary = {
      authority: 'create a CA, whose key stays here',
      server: 'issue, for this server',
      client: 'issue, for a server that connects to this one',
    };
    return [
      {
        action: 'create',
        summary: summary[purpose],
        step: { kind: 'plain', apply: sh`sign_fleet_certificate ${name} ${purpose}` },
        undo,
      },
    ];
  },
});
