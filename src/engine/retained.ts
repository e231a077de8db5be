import { type Command, sh } from '../command/command.ts';
import { stateFolder } from '../host-paths.ts';
import { parseName, type ResourceId } from './resource-id.ts';

/** One release as the host has it on record. */
export interface Recorded {
  readonly release: string;
  /** The resources that it cannot run without; missing where an older version of this program has not written them down. */
  readonly needs?: readonly ResourceId[];
}

/** The releases of each site, by its domain: those that were live, the last one first. */
export type RecordedReleases = ReadonlyMap<string, readonly Recorded[]>;

/** Prints the order in which releases were live, and what each needs: a line each, after the path of the file that says it. An empty one is unknown. */
export const recordedScript: Command = sh`( cd ${stateFolder}/releases 2>/dev/null && {
  grep -sH '' -- */history */*/needs
  for record in */*/live.json; do
    if [ -e "$record" ] && [ ! -e "\${record%/*}/needs" ]; then printf '%s/needs:\\n' "\${record%/*}"; fi
  done
} )`;

/** Understands what `recordedScript` printed. */
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
  // Where no switch was counted yet, what is on record is all that is known.
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
