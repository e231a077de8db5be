import { countText, sizeText } from '../amount.ts';
import { type Command, inParallel, lines, sh } from '../command/command.ts';
import { Secret } from '../command/secret.ts';
import { aboutOf, canonicalChanges, renamed, requireAgreement } from '../config/about.ts';
import type { Config } from '../config/config.ts';
import type { InventoryHost } from '../config/inventory.ts';
import { Problem } from '../error.ts';
import type { Facts } from '../facts/facts.ts';
import { type FactsReading, parseFacts, sectionsOf } from '../facts/parse.ts';
import { factsScript } from '../facts/script.ts';
import { secretsFolder, stateFolder } from '../host-paths.ts';
import type { Login, Output, Transport } from '../transport/transport.ts';
import { type Manifest, manifestPath, parseManifest, type Remembered, withoutRecordOf } from './manifest.ts';
import type { Peers } from './peers.ts';
import { type Comparison, compare, type Plan, withRemovals } from './plan.ts';
import { type BusyUnit, type DesiredResource, gather, type Playbook, remarksOf, type View } from './playbook.ts';
import type { Kind } from './resource.ts';
import { nameOf } from './resource-id.ts';
import { parseRecorded, recordedScript } from './retained.ts';
import { memory } from './run-libraries.ts';
import { definitionsOf } from './shell-library.ts';

/** What is changing the host at this moment. */
export interface Active {
  readonly kind: 'run' | 'revert' | 'unit';
  /** The id of the active run, or of the run whose settings are being reverted, or the name of a playbook's busy unit. */
  readonly id: string;
}

/** Everything that a survey of a host returns. */
export interface Survey extends FactsReading {
  readonly remembered: Remembered;
  /** A digest of the host's records. A run does not start if it has changed (see `base` in files/run/base.sh). */
  readonly base: string;
  readonly active?: Active;
  /** The last run, if it was interrupted, and the step that it had begun. */
  readonly interruptedRun?: { readonly id: string; readonly step: string };
  /** The files that interrupted runs have left, if there are any. Unknown while a run is active. */
  readonly leftovers?: Leftovers;
  /** What the playbooks' `observe` printed, by `PLAYBOOK DOMAIN`. */
  readonly observed: ReadonlyMap<string, string>;
  readonly secret: (name: string) => Secret | undefined;
  /** All secrets that the host has. */
  readonly secrets: readonly Secret[];
}

export interface Leftovers {
  readonly paths: number;
  readonly kilobytes: number;
}

/** Parses the output of `count_leftovers`. Returns undefined if there are none. */
export function parseLeftovers(text: string): Leftovers | undefined {
  const [, paths, kilobytes] = /^(\d+) (\d+)$/.exec(text.trim()) ?? [];
  return paths === undefined ? undefined : { paths: Number(paths), kilobytes: Number(kilobytes) };
}

/** Returns the leftovers as text: `3 paths, 1.1 GB`. */
export function leftoversText({ paths, kilobytes }: Leftovers): string {
  return `${countText(paths, 'path')}, ${sizeText(kilobytes * 1024)}`;
}

/**
 * Returns the script of the first round trip, which reads the facts, the host's records, and the secrets that health checks need. The
 * secrets of dropped playbooks are read too, because no log may show them.
 */
export function surveyScript(
  config: Config,
  host: InventoryHost,
  playbooks: readonly Playbook[],
  dropped: readonly Playbook[] = [],
): Command {
  const scopes = config.sites.map((site) => ({ site, config, host }));
  const packages = playbooks.flatMap((playbook) => scopes.flatMap((scope) => playbook.packages?.(scope) ?? []));
  const presence = playbooks.flatMap((playbook) => scopes.flatMap((scope) => playbook.presence?.(scope) ?? []));
  const secrets = [...playbooks, ...dropped].flatMap((playbook) => scopes.flatMap((scope) => playbook.secrets?.(scope) ?? []));
  return inParallel([
    ...observeScripts(config, host, playbooks),
    factsScript({ packages, presence: [...new Set(presence)] }),
    memoryScript(
      config.name,
      [...new Set(secrets)],
      busyUnitsOf([...playbooks, ...dropped]).map(({ unit }) => unit),
    ),
  ]);
}

/** Returns the units for which a run waits, each once. */
export function busyUnitsOf(playbooks: readonly Playbook[]): readonly BusyUnit[] {
  const all = playbooks.flatMap(({ busyUnits = [] }) => busyUnits);
  return [...new Map(all.map((busy) => [busy.unit, busy])).values()];
}

/** Returns the playbooks' `observe` for every site, each after the head of its section. */
export function observeScripts(config: Config, host: InventoryHost, playbooks: readonly Playbook[]): readonly Command[] {
  return playbooks.flatMap((playbook) =>
    config.sites.flatMap((site) => {
      const command = playbook.observe?.({ site, config, host });
      return command ? [sh`printf '\n#facts %s\n' ${`observed ${playbook.name} ${site.domain}`}; ${command}`] : [];
    }),
  );
}

/** Returns what the playbooks' `observe` printed, by `PLAYBOOK DOMAIN`. */
export function observedIn(stdout: string): ReadonlyMap<string, string> {
  return new Map(
    [...sectionsOf(stdout, '#facts')].flatMap(([section, text]) =>
      section.startsWith('observed ') ? [[section.slice(9), text.trim()] as const] : [],
    ),
  );
}

function memoryScript(name: string, secrets: readonly string[], busyUnits: readonly string[]): Command {
  return lines(
    sh`STATE=${stateFolder} SECRETS=${secretsFolder}`,
    definitionsOf([memory]),
    sh`prove_login`,
    sh`read_memory ${name} ${busyUnits}`,
    sh`section releases; ${recordedScript}`,
    sh`read_secrets ${secrets}`,
  );
}

/** Parses the output of `surveyScript`. */
export function parseSurvey(output: Output, name: string, login?: Login): Survey {
  const sections = sectionsOf(output.stdout, '#facts');
  if (!sections.has('release'))
    throw new Problem({
      message: 'The host did not answer as a Linux host does.',
      stderr: output.stderr.trim().slice(-500),
      hint: 'Log in by hand and see whether /etc/os-release is there.',
    });
  const manifests = new Map<string, Manifest>();
  for (const [section, text] of sections) {
    const file = /^manifest (.+)\.json$/.exec(section)?.[1];
    if (file) manifests.set(file, parseManifest(text, manifestPath(file)));
  }
  const manifest = manifests.get(name);
  const pending = manifests.get(`${name}.pending`);
  const lastRun = /^(\S+)\t(.*)$/.exec(sections.get('last') ?? '');
  const others = [...manifests].flatMap(([file, each]) => (file === name || file === `${name}.pending` ? [] : [each]));
  const abouts = new Map(others.flatMap(({ about }) => (about ? [[about.name, about] as const] : [])));
  const secrets = new Map(
    [...sections].flatMap(([section, text]): [string, Secret][] => {
      const [, secret] = /^secret (.+)$/.exec(section) ?? [];
      return secret !== undefined && text.trim() !== '' ? [[secret, new Secret(text.trim())]] : [];
    }),
  );
  const reading = parseFacts(output.stdout, login);
  const stored = storedIn(sections.get('stored') ?? '');
  const active = activeIn(sections.get('active') ?? '');
  const leftovers = active ? undefined : parseLeftovers(sections.get('leftovers') ?? '');
  return {
    ...reading,
    facts: { ...reading.facts, ...(stored && { stored }), ...(abouts.size > 0 && { others: [...abouts.values()] }) },
    remembered: {
      ...(manifest && { manifest }),
      ...(pending && { pending }),
      others,
      pendingHandlers: (sections.get('owed') ?? '').split('\n').filter(Boolean),
      releases: parseRecorded(sections.get('releases') ?? ''),
    },
    base: sections.get('base') ?? '',
    ...(active && { active }),
    ...(leftovers && { leftovers }),
    ...(lastRun?.[1] && { interruptedRun: { id: lastRun[1], step: lastRun[2] ?? '' } }),
    observed: observedIn(output.stdout),
    secret: (secret) => secrets.get(secret),
    secrets: [...secrets.values()],
  };
}

/** Parses lines with the path of the file that lists a site's variables, the version of their values, and their names. */
function storedIn(text: string): Facts['stored'] {
  const found = text.split('\n').flatMap((line) => {
    const [file = '', version = '', ...names] = line.split(' ');
    const [, domain] = /\/([^/]+)\/\.stored\/names$/.exec(file) ?? [];
    return domain === undefined ? [] : [[domain, { version, names }] as const];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

function activeIn(text: string): Active | undefined {
  const run = /foobar-provision-(run|revert)-(\S+)\.service/.exec(text);
  if (run?.[2]) return { kind: run[1] === 'run' ? 'run' : 'revert', id: run[2] };
  const [unit] = /\S+\.service/.exec(text) ?? [];
  return unit === undefined ? undefined : { kind: 'unit', id: unit };
}

/** Runs the script that reads a host's current state. */
export type ReadHost = (script: Command) => Promise<Output>;

/** What is compared with the host's current state. */
export type Comparands = Pick<Comparison, 'desired' | 'remembered'>;

export interface PlanOptions {
  readonly host: InventoryHost;
  readonly peers: Peers;
  readonly version: string;
  readonly playbooks: readonly Playbook[];
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly allowDestroy: boolean;
  /** Leaves out what cannot affect the plan, so that it does not have to be read. */
  readonly narrow?: (all: Comparands) => Comparands;
}

/** Reads the current state of the desired resources in one round trip, and resolves to the plan. */
export async function planFor(read: ReadHost, config: Config, survey: Survey, options: PlanOptions): Promise<Plan> {
  const { desired, remembered } = comparandsOf(config, survey, options);
  const output = await read(readScript(desired, { ...survey, remembered }, options.kinds));
  const plan = compare({
    name: config.name,
    version: options.version,
    desired,
    remembered,
    kinds: options.kinds,
    outputs: sectionsOf(output.stdout, '#read'),
    facts: survey.facts,
    allowDestroy: options.allowDestroy,
    adopt: config.adopt,
    about: aboutOf(config, survey.facts.others),
  });
  if (options.playbooks.length > 0) requireAgreement(config, survey.facts.others);
  const before = remembered.manifest?.about;
  const renames = options.playbooks.length > 0 ? [...renamed(config, before), ...canonicalChanges(config, before)] : [];
  const remarks = remarksOf(options.playbooks, viewFor(config, survey, options));
  return { ...plan, remarks: [...renames, ...unreachable(survey), ...remarks, ...plan.remarks] };
}

/** Returns the script with which `planFor` reads the host. */
export function planReadScript(config: Config, survey: Survey, options: PlanOptions): Command {
  const { desired, remembered } = comparandsOf(config, survey, options);
  return readScript(desired, { ...survey, remembered }, options.kinds);
}

function comparandsOf(config: Config, survey: Survey, options: PlanOptions): Comparands {
  const { playbooks, narrow } = options;
  const desired = gather(playbooks, viewFor(config, survey, options));
  const all = forgetting(playbooks, config, options.host, { desired, remembered: survey.remembered });
  return narrow?.(all) ?? all;
}

function viewFor(config: Config, { facts }: Survey, { host, peers }: PlanOptions): View {
  return { config, host, peers, facts };
}

/** Leaves out the records of what the playbooks no longer list and forget. */
function forgetting(playbooks: readonly Playbook[], config: Config, host: InventoryHost, { desired, remembered }: Comparands): Comparands {
  const listed = new Set(desired.map(({ resource }) => nameOf(resource)));
  const forgotten = playbooks
    .flatMap(({ forgets = [] }) =>
      typeof forgets === 'function' ? config.sites.flatMap((site) => forgets({ site, config, host })) : forgets,
    )
    .map(nameOf)
    .filter((name) => !listed.has(name));
  return { desired, remembered: withoutRecordOf(new Set(forgotten), remembered) };
}

/** Returns a sentence about a package source that apt could not use although others worked. */
function unreachable({ listsTrouble = '' }: Survey): readonly string[] {
  const sources = [...listsTrouble.matchAll(/^[EW]: (?:The repository '([^']+)'|Failed to fetch (\S+))/gm)].map(
    ([, repository, address]) => repository ?? address ?? '',
  );
  const [first] = sources;
  return first === undefined
    ? []
    : [`apt cannot use a package source of this host, ${first}. It is skipped, and packages that were installed from it get no updates.`];
}

/** Returns the folder of package lists that a survey has left on the host, even if the rest of its output is damaged. */
export function listsIn({ stdout }: Output): Pick<Survey, 'lists'> {
  const lists = sectionsOf(stdout, '#facts').get('lists');
  return lists ? { lists } : {};
}

/** Returns the script of the second round trip. Every kind reads all of its resources with one command, and all kinds run in parallel. */
export function readScript(desired: readonly DesiredResource[], survey: Survey, kinds: ReadonlyMap<string, Kind>): Command {
  const all = withRemovals(desired, survey.remembered, kinds).map(({ resource }) => resource);
  const reads = [...kinds.values()].flatMap((kind) => {
    const resources = all.filter((resource) => resource.kind === kind.name);
    return resources.length === 0 ? [] : [{ kind, read: kind.read(resources, survey.facts) }];
  });
  return lines(
    sh`LISTS=${survey.lists ?? ''}`,
    sh`SECRETS=${secretsFolder}`,
    definitionsOf(reads.flatMap(({ kind }) => kind.shell.read)),
    inParallel(reads.map(({ kind, read }) => sh`printf '\\n#read %s\\n' ${kind.name}\n${read}`)),
  );
}

/** Removes the package lists that were fetched only for planning, unless a run has put them in place. */
export async function forgetLists(transport: Transport, { lists }: Pick<Survey, 'lists'>): Promise<void> {
  if (lists) await transport.script(sh`rm -rf -- ${lists}`);
}
