import { type Command, quote, quoteForUnit } from '../command/command.ts';
import { touchesAccess, usualWithin } from './lockout.ts';
import { type Manifest, stateFolder } from './manifest.ts';
import type { Change, OwedHandler, Plan } from './plan.ts';
import type { Checker, Handler, Phase } from './resource.ts';
import { apt, checkers as checkerShell, everyRun, purge } from './run-libraries.ts';
import { type ShellLibrary, textOf } from './shell-library.ts';
import { changesIn, handlersIn, isPurge, type NumberedChange, type Step, stepsOf } from './steps.ts';

/** What a run needs besides its plan. */
export interface RenderOptions {
  /** Unique on the host; names the run's folder and its unit. */
  readonly id: string;
  /** The host's `base` when the plan was made (see files/run/lock.sh); `any` where the script goes to a host that was never asked. */
  readonly base: string;
  /** A folder of freshly fetched package lists, which the run puts in place. */
  readonly lists?: string;
  /** Fetch the package lists before packages are installed. */
  readonly update?: boolean;
  /** The run takes away the last of this configuration, its own record included. */
  readonly farewell?: boolean;
  /** Seconds that a client has to prove by a new connection that SSH still lets it in; see `prove` in files/run/lockout.sh. */
  readonly within?: number;
  /**
   * What becomes of changes that may close SSH access: `guarded`, reverted unless a client proves them (the default); `proven`, made like all
   * others, since they were proven on a host of the same image; `held`, not made, since nobody will prove them.
   */
  readonly access?: 'guarded' | 'proven' | 'held';
  /** Shell that fills what a plan only names, such as an embedded release; runs after the lock is taken. */
  readonly unpack?: Command;
}

/** Where the application's secrets are kept on the host (root, 0700). */
export const secretsFolder = '/etc/foobar-provision/secrets';

/**
 * The plan as one POSIX `sh` script that needs nothing of ours on the host. Run as `sh script`, it takes the lock, makes the changes,
 * and puts back what it changed where a step fails. Pure: the same plan gives the same script.
 */
export function render(plan: Plan, options: RenderOptions): string {
  const steps = stepsOf(plan);
  const changes = changesIn(steps);
  const handlers = handlersIn(steps);
  const checkers = checkersOf(changes, handlers);
  const access = steps.filter(({ place }) => place === 'access');
  const accessHandlers = handlersIn(access);
  return `#!/bin/sh
# Made by foobar-provision ${plan.manifest.version} for ${plan.name}. Run as root: sh script
# shellcheck disable=SC2016 # what files hold is quoted, so that nothing in it is expanded
set -u
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd / || exit 1
umask 022
ID=${quote(options.id)}
NAME=${quote(plan.name)}
BASE=${quote(options.base)}
LISTS=${quote(options.lists ?? '')}
UPDATE=${options.update ? 'yes' : "''"}
WITHIN=${options.within ?? usualWithin}
STATE=${stateFolder}
SECRETS=${secretsFolder}
RUN=$STATE/runs/$ID
MANIFEST=$STATE/manifests/$NAME.json
PENDING=$STATE/manifests/$NAME.pending.json
SELF=$0
ARRIVALS=${quote(arrivalsOf(plan).join(' '))}
ACCESS='${access.map(({ number }) => number).join(' ')}'
step=0
rc=0
touched=

${textOf([...everyRun, ...librariesOf(changes, checkers)])}

${manifestFunction('manifest', plan.manifest)}
${manifestFunction('manifest_held', heldManifest(plan))}

# --- what each step prepares, does, and takes back

${choice('stage', changes, (change) => change.stage?.text)}
${choice('apply', steps, (step) => (step.kind === 'change' ? step.change.apply.text : checked(step.handler)))}
${choice('undo', changes, (change) => change.undo?.text ?? 'return 99', 'return 99')}
${choice(
  'handler',
  handlers.map((each) => ({ number: quote(each.id), each })),
  ({ each }) => checked(each),
  ':',
  '$1',
)}
${choice(
  'inspect',
  checkers.map((checker, index) => ({ number: index + 1, checker })),
  ({ checker }) => inspection(checker, changes),
)}
reload_access() {
${accessHandlers.map(({ id }) => `  handler ${quote(id)}`).join('\n') || '  :'}
}

settle_access() {
${accessHandlers.map(({ id }) => `  settle ${quote(id)}`).join('\n') || '  :'}
}

case \${1:-} in
  check) step=$2; inspect; exit ;;
  guard) guard "$2"; exit ;;
esac

${body(plan, options, steps, changes, checkers)}
`;
}

/** The names of what has arrived for a run. */
function arrivalsOf({ changes }: Plan): readonly string[] {
  return [...new Set(changes.flatMap(({ sends }) => (sends ? [sends.digest] : [])))];
}

/** What these changes call, and what we call for them. */
function librariesOf(changes: readonly Change[], checkers: readonly Checker[]): readonly ShellLibrary[] {
  return [
    ...(checkers.length > 0 ? [checkerShell] : []),
    ...(changes.some(({ phase }) => phase === 'packages') ? [apt] : []),
    ...(changes.some(isPurge) ? [purge] : []),
    ...changes.flatMap(({ shell }) => shell),
  ];
}

/** What the script does, in its order. */
function body(
  plan: Plan,
  options: RenderOptions,
  steps: readonly Step[],
  changes: readonly NumberedChange[],
  checkers: readonly Checker[],
): string {
  const access = steps.filter(({ place }) => place === 'access');
  const others = changes.filter((change) => !touchesAccess(change));
  const of = (...some: readonly Phase[]) => others.filter(({ phase }) => some.includes(phase));
  const purges = changes.filter(isPurge);
  const parts = [
    'open_run',
    options.unpack?.text,
    `${['intend', ...plan.handlers.map(({ id }) => quote(id))].join(' ')} 2>>"$RUN/log" || fail manifest 1`,
    packageSteps(changes),
    plainSteps(of('accounts', 'directories')),
    fileSteps(
      changes.filter(({ phase }) => phase === 'files'),
      checkers,
    ),
    'touched=yes',
    'load_units',
    ...steps.filter((step) => isState(step) && !access.includes(step)).flatMap(stateStep),
    changeSteps(of('removal').filter((change) => !isPurge(change))),
    accessSteps(access, options.access ?? 'guarded'),
    purges.length > 0 && access.length > 0 ? `if [ -z "$HELD" ]; then\n${purgeSteps(purges)}\nfi` : purgeSteps(purges),
    ...plan.settled.map((id) => `settle ${quote(id)}`),
    'commit',
    options.farewell && (access.length > 0 ? '[ -n "$HELD" ] || farewell' : 'farewell'),
  ];
  return parts.filter(Boolean).join('\n');
}

/**
 * The settings that may close SSH access, when all else is live: they are made by themselves, and where nobody proves them they alone are reverted.
 * Their files were staged and checked with the others.
 */
function accessSteps(steps: readonly Step[], how: NonNullable<RenderOptions['access']>): string {
  if (steps.length === 0) return '';
  if (how === 'held') return "HELD=export HELD_TEXT='Nobody was there to prove them.'\nsettle_access";
  const staging = changesIn(steps).filter(({ phase }) => phase !== 'state' && phase !== 'files');
  const staged = [stages(staging), syncStaged];
  const made = steps.flatMap(stateStep);
  if (how === 'proven') return ['access_only=yes', ...staged, ...made, syncPlaced, 'end_access'].join('\n');
  return [...staged, 'if arm; then', ...made, syncPlaced, 'prove', 'else settle_access', 'fi'].join('\n');
}

function isState(step: Step): boolean {
  return step.kind === 'handler' || step.change.phase === 'state';
}

function manifestFunction(name: string, manifest: Manifest): string {
  return `${name}() {
  cat <<'FOOBAR_PROVISION_MANIFEST'
${JSON.stringify(manifest)}
FOOBAR_PROVISION_MANIFEST
}
`;
}

/** What the host remembers where the access settings of this plan are not live: of these, and of packages that go after them, what it remembered before. */
function heldManifest({ manifest, changes, before }: Plan): Manifest {
  const access = changes.filter(touchesAccess).map(({ resource }) => resource);
  if (access.length === 0) return manifest;
  const held = new Set([...access, ...changes.filter(isPurge).map(({ resource }) => resource)]);
  const resources = Object.entries(manifest.resources).filter(([name]) => !held.has(name));
  const kept = Object.entries(before).filter(([name]) => held.has(name));
  const ours = [...held].map((name): [string, boolean] => [name, manifest.resources[name]?.made ?? false]);
  return { ...manifest, resources: Object.fromEntries([...kept, ...resources]), held: Object.fromEntries(ours) };
}

/** A shell function that does one thing of several, chosen by the step's number. */
function choice<T extends { readonly number: number | string }>(
  name: string,
  items: readonly T[],
  text: (item: T) => string | undefined,
  otherwise = ':',
  by = '$step',
): string {
  const cases = items.flatMap((item) => {
    const body = text(item);
    return body ? [`    ${item.number})\n${body}\n      ;;`] : [];
  });
  return cases.length === 0
    ? `${name}() {\n  ${otherwise}\n}\n`
    : `${name}() {\n  case ${by} in\n${cases.join('\n')}\n    *) ${otherwise} ;;\n  esac\n}\n`;
}

function checked(handler: Handler): string {
  return handler.checker ? `${handler.checker.command.text} &&\n${handler.command.text}` : handler.command.text;
}

function checkersOf(changes: readonly NumberedChange[], handlers: readonly OwedHandler[]): readonly Checker[] {
  const all = [...changes.filter((change) => change.phase === 'files').flatMap((change) => change.notify), ...handlers];
  const byName = new Map(all.flatMap(({ checker }) => (checker ? [[checker.name, checker] as const] : [])));
  return [...byName.values()].filter((checker) => changes.some((change) => change.phase === 'files' && isUnder(change, checker)));
}

function isUnder(change: Change, checker: Checker): boolean {
  return rootsOf(checker).some((root) => change.path?.startsWith(`${root}/`));
}

/** What hardens the service is checked with it. */
function rootsOf({ roots, unit }: Checker): readonly string[] {
  return [...roots, ...(unit === undefined ? [] : [`/etc/systemd/system/${unit}.d`])];
}

/** The checker's folders are copied, the staged files are put in place there, and the checker runs. */
function inspection(checker: Checker, changes: readonly NumberedChange[]): string {
  const inside = changes.filter((change) => change.phase === 'files' && isUnder(change, checker));
  return [
    `shadow ${rootsOf(checker).map(quote).join(' ')} || return`,
    ...inside.map((change) => `step=${change.number}; apply || return`),
    ...(checker.unit === undefined
      ? [checker.command.text]
      : [
          `if has_walls ${quote(checker.unit)}; then`,
          `in_walls ${quote(checker.unit)} ${quote(quoteForUnit(checker.command.text))} ${checker.roots.map(quote).join(' ')}`,
          'else',
          checker.command.text,
          'fi',
        ]),
  ].join('\n');
}

const syncStaged = `sync_staged 2>>"$RUN/log" || fail 'the new files' "$?"`;
const syncPlaced = `sync_placed 2>>"$RUN/log" || fail 'the new files' "$?"`;

function stages(changes: readonly NumberedChange[]): string {
  return changes
    .filter((change) => change.stage)
    .map(
      (change) =>
        `step=${change.number}; stage 2>>"$RUN/log" || { rc=$?; say begin ${change.number} ${quote(change.resource)}; finish ${quote(change.resource)}; }`,
    )
    .join('\n');
}

function changeSteps(changes: readonly NumberedChange[]): string {
  return changes.map(changeStep).join('\n');
}

function changeStep({ number, resource }: NumberedChange): string {
  return `change ${number} ${quote(resource)}`;
}

function plainSteps(changes: readonly NumberedChange[]): string {
  return [stages(changes), changeSteps(changes)].join('\n');
}

function purgeSteps(changes: readonly NumberedChange[]): string {
  if (changes.length === 0) return '';
  return [
    stages(changes),
    `say begin 0 'purging packages'; printf '\\n== purge\\n' >>"$RUN/log"; purge >>"$RUN/log" 2>&1 </dev/null || fail purge "$?"`,
    changeSteps(changes),
  ].join('\n');
}

function packageSteps(changes: readonly NumberedChange[]): string {
  const packages = changes.filter((change) => change.phase === 'packages');
  if (packages.length === 0) return '';
  const units = [...new Set(changes.flatMap(({ starts, stops }) => starts ?? stops ?? []))];
  // A repository is added, or taken away, before the transaction, which may fail.
  const early = packages.flatMap(({ number, stage, undo }) =>
    stage && undo ? [`note_begun ${number} 2>>"$RUN/log" || fail packages "$?"`] : [],
  );
  return [
    ...early,
    stages(packages),
    ...(units.length > 0 ? [`hold_units ${units.map(quote).join(' ')} 2>>"$RUN/log" || fail packages "$?"`] : []),
    `say begin 0 packages; printf '\\n== packages\\n' >>"$RUN/log"`,
    `transact >>"$RUN/log" 2>&1 </dev/null || fail packages "$?"`,
    changeSteps(packages),
  ].join('\n');
}

function fileSteps(changes: readonly NumberedChange[], checkers: readonly Checker[]): string {
  if (changes.length === 0) return '';
  const checks = checkers.map((checker, index) => `check ${index + 1} ${quote(checker.name)}`);
  const units = changes.some(({ path }) => path?.startsWith('/etc/systemd/system/'));
  return [
    stages(changes),
    syncStaged,
    ...(checks.length > 0 ? ['if can_shadow; then', ...checks.map((line) => `  ${line}`), 'fi'] : []),
    'touched=yes',
    ...(units ? ['UNITS=changed'] : []),
    changeSteps(changes.filter((change) => !touchesAccess(change))),
    syncPlaced,
  ].join('\n');
}

function stateStep(step: Step): readonly string[] {
  if (step.kind === 'handler') return [`handle ${step.number} ${quote(step.handler.id)}`];
  const changes = changesIn([step]);
  const prepared = step.change.phase === 'state' ? stages(changes) : '';
  return [...(prepared ? [prepared] : []), changeSteps(changes)];
}
