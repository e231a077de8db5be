import { type Command, sh } from '../command/command.ts';
import { stateFolder } from '../host-paths.ts';
import { parseName, type ResourceId } from './resource-id.ts';

/** A release according to the host's records. */
export interface Recorded {
  readonly release: string;
  /** The resources that it needs in order to run. Missing if an older version of this program did not record them. */
  readonly needs?: readonly ResourceId[];
}

/** The releases of each site that have been live, by domain, the latest first. */
export type RecordedReleases = ReadonlyMap<string, readonly Recorded[]>;

/**
 * Prints the order in which releases were live, and what each needs: one line each, after the path of its file. An empty file means
 * unknown.
 */
export const recordedScript: Command = sh`( cd ${stateFolder}/releases 2>/dev/null && {
  grep -sH '' -- */history */*/needs
  for record in */*/live.json; do
    if [ -e "$record" ] && [ ! -e "\${record%/*}/needs" ]; then printf '%s/needs:\\n' "\${record%/*}"; fi
  done
} )`;

/** Parses the output of `recordedScript`. */
export function parseRecorded(output: string): RecordedReleases {
  const turns = new Map<string, Map<string, number>>();
  const needs = new Map<string, string[] | undefined>();
  for (const line of output.split('\n')) {
    const [, domain = '', release, text = ''] = /^([^/:]+)(?:\/([^/:]+))?\/(?:history|needs):(.*)$/.exec(line) ?? [];
    if (release !== undefined)
      needs.set(`${domain}/${release}`, text === '' ? undefined : [...(needs.get(`${domain}/${release}`) ?? []), text]);
    else if (domain) turns.set(domain, (turns.get(domain) ?? new Map()).set(text.replace(/^\d+ /, ''), Number.parseInt(text, 10)));
  }
  const unknown = [...needs].flatMap(([name, found]) => (found ? [] : [name]));
  // Without a history, the order of the releases is unknown, and only their records are.
  const domains = new Set([...turns.keys(), ...[...needs.keys()].map((name) => name.slice(0, name.indexOf('/')))]);
  return new Map(
    [...domains].map((domain) => {
      const counted = turns.get(domain);
      const releases = counted
        ? [...counted].sort(([, one], [, other]) => other - one).map(([release]) => release)
        : [...needs.keys()].flatMap((name) => (name.startsWith(`${domain}/`) ? [name.slice(domain.length + 1)] : []));
      return [
        domain,
        releases.map((release): Recorded => {
          const name = `${domain}/${release}`;
          return unknown.includes(name) ? { release } : { release, needs: (needs.get(name) ?? []).map(parseName) };
        }),
      ];
    }),
  );
}
