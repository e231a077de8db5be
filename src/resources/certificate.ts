import { sh } from '../command/command.ts';
import type { Difference } from '../engine/difference.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { certificatesVariable } from '../engine/run-libraries.ts';
import { bundledLibrary } from '../engine/shell-library.ts';
import { certificatesFolder, stateFolder } from '../host-paths.ts';
import { checkName } from './self-signed.ts';

interface CertificateAttributes {
  readonly state: 'present' | 'absent';
  /** The names, the canonical one first. No certificate is issued without that one. */
  readonly names: readonly string[];
  readonly directory: string;
}

interface CertificateState {
  readonly has: boolean;
  readonly directory: string;
  /** True if a run may ask the CA again. The CA's limits, and this program's own caution, require a pause after a failure. */
  readonly mayAsk: boolean;
  readonly names: readonly string[];
  readonly reason: string;
}

/** `theirs` is a certificate of this name that somebody else has requested with certbot. */
type State = CertificateState | 'theirs';

/**
 * Describes a certificate for these names, from the CA with this ACME directory. If it cannot be issued yet, the run continues without it,
 * and the host asks again by itself, as does a later run. Names that the CA refuses are left out, except the first. It needs the host's
 * `foobar-provision-certificate` and its request for the domain.
 */
export function certificate(domain: string, options: { readonly names: readonly string[]; readonly directory: string }): Resource {
  return certificateKind.resource(domain, { state: 'present', names: options.names.map(checkName), directory: options.directory });
}

export const certificateKind = defineKind<CertificateAttributes, State>({
  name: 'certificate',
  phase: 'state',
  check: checkName,
  shell: { run: [bundledLibrary('run/certificate.sh', certificatesVariable)] },
  conflict: (_, current) => (current === 'theirs' ? 'exists in certbot, which renews it as somebody has set it up' : undefined),
  absent: () => ({ state: 'absent', names: [], directory: '' }),
  // The fields are those of files/web/certificate.sh.
  read: (resources) => sh`clock=$(date +%s) records=${`${stateFolder}/certificates`}
for domain in ${resources.map(({ id }) => id)}; do
  [ ! -e "/etc/letsencrypt/renewal/$domain.conf" ] || [ -e "$records/$domain" ] || printf '%s\ttheirs\n' "$domain"
  home=${certificatesFolder}/$domain has= from= soon= last= failures= held= reason=
  IFS='	' read -r has from soon last failures held reason <"$records/$domain" || continue
  [ -e "$home/ca/fullchain.pem" ] && [ "$home/now" -ef "$home/ca" ] || has=no
  may=no; [ "$clock" -lt "$soon" ] && [ "$clock" -ge "$last" ] || may=yes
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$domain" "$has" "$from" "$may" "$held" "$reason"
done 2>/dev/null`,
  parse: (output) =>
    new Map(
      output.split('\n').flatMap((line): [string, State][] => {
        const [domain, has, directory = '', may, names = '', reason = ''] = line.split('\t');
        if (!domain || has === undefined) return [];
        if (has === 'theirs') return [[domain, 'theirs']];
        return [[domain, { has: has === 'yes', directory, mayAsk: may === 'yes', names: names.split(' '), reason: reason.trim() }]];
      }),
    ),
  remark: (domain, state) =>
    state === 'theirs' || (state.has && state.reason === '')
      ? []
      : [
          `The certificate of ${domain} is ${state.has ? 'not for all of its names' : 'pending'}: ${state.reason || 'it was not requested yet'}`,
        ],
  diff: (domain, desired, state, { pointingNames }): readonly Difference[] => {
    const current = state === 'theirs' ? undefined : state;
    if (desired.state === 'absent')
      return current
        ? [{ action: 'remove', phase: 'removal', summary: 'delete', step: { kind: 'plain', apply: sh`forget_certificate ${domain}` } }]
        : [];
    const [canonical = domain] = desired.names;
    const leads = (name: string) => pointingNames === undefined || pointingNames.includes(name);
    const missing = desired.names.filter((name) => !current?.names.includes(name));
    const valid = current?.has && current.directory === desired.directory;
    const ask = {
      summary: `request from the CA, for ${desired.names.join(', ')}`,
      step: { kind: 'plain', apply: sh`foobar-provision-certificate ask ${domain}` },
    } as const;
    if (!current)
      return [
        leads(canonical)
          ? { action: 'create', ...ask }
          : {
              action: 'create',
              summary: `wait until ${canonical} points to this host`,
              step: { kind: 'plain', apply: sh`foobar-provision-certificate wait ${domain}` },
            },
      ];
    if (valid && missing.length === 0) return [];
    // If the certificate is of another CA, so is the pause.
    const mayAsk = current.mayAsk || (current.has && !valid);
    if (!leads(canonical) || !mayAsk || (valid && !missing.some(leads))) return [];
    return [{ action: 'run', basis: 'retried', ...ask }];
  },
});
