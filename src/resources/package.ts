import { sh } from '../command/command.ts';
import type { Fetch } from '../engine/effect.ts';
import { defineKind, type Resource } from '../engine/resource.ts';
import { apt, unsyncedPackages } from '../engine/run-libraries.ts';
import { Problem } from '../error.ts';
import { stateFolder } from '../host-paths.ts';
import { readPackages } from './shell.ts';

interface PackageAttributes {
  readonly state: 'present' | 'absent';
  /** The apt repository that it comes from, if this program adds it. */
  readonly from?: string;
}

interface PackageState {
  readonly installed?: string;
  /** True if somebody has put it on hold, so that the package manager keeps the installed version. */
  readonly held?: boolean;
  /** The installed package that provides it, if it is a virtual package. */
  readonly providedBy?: string;
  readonly offered?: string;
  readonly transaction?: Fetch;
  /** True if a run has installed it. */
  readonly createdByRun?: boolean;
}

/**
 * The record of the packages that runs have installed, including dependencies; see `note_installed_packages` in
 * files/run/package-record.sh.
 */
const brought = `${stateFolder}/brought`;

/** Describes packages of the distribution, without their recommended packages. */
export function packages(...names: readonly string[]): readonly Resource[] {
  return names.map((name) => present(name));
}

/** Describes packages of an apt repository, which the same run may add. */
packages.from = (repository: string, ...names: readonly string[]): readonly Resource[] => names.map((name) => present(name, repository));

function present(name: string, from?: string): Resource {
  return packageKind.resource(name, { state: 'present', ...(from && { from }) });
}

function checkName(name: string): string {
  if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a valid name of a Debian package`);
  return name;
}

export const packageKind = defineKind<PackageAttributes, PackageState>({
  name: 'package',
  phase: 'packages',
  check: checkName,
  shell: { run: [apt], read: [readPackages] },
  absent: () => ({ state: 'absent' }),
  read: (resources) => {
    const sure = resources.filter(({ attributes }) => attributes.state === 'present' && !attributes.from).map(({ id }) => id);
    return sh`known=$(dpkg-query -W -f '\${Package}\t\${db:Status-Status}\t\${db:Status-Want}\t\${Version}\n' ${resources.map(({ id }) => id)} 2>/dev/null)
[ ! -e ${unsyncedPackages} ] || known=$(printf '%s\n' "$known" | awk -F '\t' 'NR == FNR { lost[$1]; next } !($1 in lost)' ${unsyncedPackages} -)
printf '%s\n' "$known"
[ ! -e ${brought} ] || printf '%s\n' ${resources.map(({ id }) => id)} | grep -xF -f ${brought} | sed 's/^/came\t/'
missing=$(missing_of "$known" ${resources.map(({ id }) => id)})
provided=$(provided_of $missing)
printf '%s\n' "$provided"
missing=$(missing_of "$known
$provided" ${sure})
[ -z "$missing" ] || apt-get install --print-uris -y -qq --no-install-recommends --no-remove -o Dir::Cache::pkgcache="$\{LISTS:+$LISTS/cache/pkgcache.bin\}" -o Dir::Cache::srcpkgcache= $\{LISTS:+-o Dir::State::lists="$LISTS"\} $missing 2>&1`;
  },
  parse: (output) => {
    const unknown = [...output.matchAll(/^E: (?:Unable to locate package (\S+)|Package '(\S+)' has no installation candidate)/gm)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    if (unknown.length > 0) throw unknownPackages(unknown);
    // The run itself completes an interrupted dpkg before it installs packages.
    const refusal = /^E: (?!dpkg was interrupted|Unmet dependencies)(.+)/m.exec(output)?.[1];
    if (refusal)
      throw new Problem({
        message: `The package manager refuses to install the required packages: ${refusal}`,
        hint: `${/held/i.test(refusal) ? '`apt-mark showhold` lists the packages that are held, and `apt-mark unhold` releases one.' : 'Log in and see what `apt-get --simulate install` says.'}`,
      });
    const provided = [...output.matchAll(/^(\S+)\tprovided\t(\S+)$/gm)].map(([, name = '', providedBy = '']): [string, PackageState] => [
      name,
      { providedBy },
    ]);
    const debs = [...output.matchAll(/^'\S+' ([^_\s]+)_([^_\s]+)_\S+ (\d+) /gm)].map(([, name = '', version = '', size]) => ({
      name,
      version: version.replaceAll(/%3a/gi, ':'),
      size: Number(size),
    }));
    const transaction = { packages: debs.length, bytes: debs.reduce((sum, { size }) => sum + size, 0) };
    const came = new Set([...output.matchAll(/^came\t(\S+)$/gm)].map(([, name]) => name));
    return new Map([
      ...debs.map(({ name, version }): [string, PackageState] => [name, { offered: version, transaction }]),
      ...output.split('\n').flatMap((line): [string, PackageState][] => {
        const [name, status, want, version] = line.split('\t');
        return name && status === 'installed' && version
          ? [[name, { installed: version, held: want === 'hold', ...(came.has(name) && { createdByRun: true }) }]]
          : [];
      }),
      ...provided,
    ]);
  },
  createdByRun: ({ createdByRun }) => createdByRun === true,
  remark: (name, { held }) => (held ? [`${name} is held (apt-mark hold) and stays so, so it gets no updates.`] : []),

  diff: (name, desired, current) => {
    if (desired.state === 'absent')
      return current?.installed
        ? [
            {
              action: 'remove',
              summary: `purge ${current.installed}, with the packages installed with it`,
              step: {
                kind: 'purge',
                enqueue: sh`queue_purge ${name}`,
                verify: sh`! dpkg-query -s ${name} 2>/dev/null | grep -q '^Status:.* installed'`,
              },
            },
          ]
        : [];
    // A virtual package counts as installed if a package that provides it is installed.
    if (current?.installed || current?.providedBy) return [];
    const version = current?.offered ? ` ${current.offered}` : '';
    return [
      {
        action: 'create',
        summary: `install${version}`,
        step: { kind: 'install', enqueue: sh`queue_install ${name}`, verify: sh`dpkg-query -W ${name}` },
        effects: current?.transaction ? [{ kind: 'fetches', ...current.transaction }] : [],
      },
    ];
  },
});

function unknownPackages(names: readonly string[]): Problem {
  return new Problem({
    message: `The host's package manager does not know ${names.join(', ')}.`,
    hint: 'Check the spelling with `apt-cache search` on the host, or add the apt repository that has it to the configuration.',
  });
}
