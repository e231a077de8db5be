import { createHash } from 'node:crypto';
import { type Command, quote } from '../command/command.ts';
import { touchesAccess, usualWithin } from './access.ts';
import { bundled, releasesText } from './bundled.ts';
import { stateFolder } from './manifest.ts';
import type { Change, OwedHandler, Plan } from './plan.ts';
import type { Checker, Handler, Phase } from './resource.ts';

/** What a run needs besides its plan. */
export interface RenderOptions {
  /** Unique on the host; names the run's folder and its unit. */
  readonly id: string;
  /** What the manifests were when the plan was made (see `baseOf`); `any` where the script goes to a host that was never asked. */
  readonly base: string;
  /** A folder of freshly fetched package lists, which the run puts in place. */
  readonly lists?: string;
  /** Fetch the package lists before packages are installed. */
  readonly update?: boolean;
  /** The run takes away the last of this configuration, its own record included. */
  readonly farewell?: boolean;
  /** Seconds that a client has to prove the way in by a new connection; see `prove` in the prelude. */
  readonly within?: number;
  /** Nobody follows the run: where nobody proves the way in, only what may have cut it off is put back, and the rest stays. */
  readonly alone?: boolean;
  /** Shell that fills what a plan only names, such as an embedded release; runs after the lock is taken. */
  readonly unpack?: Command;
}

/** Where the application's secrets are kept on the host (root, 0700). */
export const secretsFolder = '/etc/foobar-provision/secrets';

/** One step of a run: a change or a handler, by its number in the script. */
export interface Step {
  readonly number: number;
  readonly name: string;
  readonly summary: string;
  /** True where nothing puts the step back. */
  readonly lasting: boolean;
}

/** The steps in the order in which the script takes them; the numbers are those of its journal. */
export function stepsOf(plan: Plan): readonly Step[] {
  return ordered(plan).map(({ item }, index) => ({
    number: index + 1,
    name: 'resource' in item ? item.resource : item.id,
    summary: item.summary,
    lasting: 'resource' in item && !item.undo,
  }));
}

type Numbered = { readonly number: number } & ({ readonly change: Change } | { readonly handler: OwedHandler });

function ordered(plan: Plan): readonly { readonly item: Change | OwedHandler }[] {
  const early = plan.changes.filter(({ phase }) => phase !== 'state' && phase !== 'removal');
  const last = plan.changes.filter(({ phase }) => phase === 'removal');
  const late = plan.playbooks.flatMap((playbook): readonly (Change | OwedHandler)[] => [
    ...plan.changes.filter((change) => change.phase === 'state' && change.playbook === playbook),
    ...plan.handlers.filter((handler) => handler.playbook === playbook),
  ]);
  return [...early, ...late, ...last].map((item) => ({ item }));
}

function numbered(plan: Plan): readonly Numbered[] {
  return ordered(plan).map(({ item }, index) =>
    'resource' in item ? { number: index + 1, change: item } : { number: index + 1, handler: item },
  );
}

/**
 * The plan as one POSIX `sh` script that needs nothing of ours on the host. Run as `sh script`, it takes the lock, makes the changes,
 * and puts back what it changed where a step fails. Pure: the same plan gives the same script.
 */
export function render(plan: Plan, options: RenderOptions): string {
  const steps = numbered(plan);
  const changes = steps.flatMap((step) => ('change' in step ? [{ number: step.number, ...step.change }] : []));
  const handlers = steps.flatMap((step) => ('handler' in step ? [{ number: step.number, ...step.handler }] : []));
  const checkers = checkersOf(changes, handlers);
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
ALONE=${options.alone ? 'yes' : "''"}
STATE=${stateFolder}
SECRETS=${secretsFolder}
RUN=$STATE/runs/$ID
MANIFEST=$STATE/manifests/$NAME.json
PENDING=$STATE/manifests/$NAME.pending.json
SELF=$0
ACCESS='${steps.flatMap((step) => (isAccess(step) ? [step.number] : [])).join(' ')}'
step=0
rc=0
touched=

${bundled('run/prelude.sh').trimEnd()}
${releaseFunctions(changes)}
manifest() {
  cat <<'FOOBAR_PROVISION_MANIFEST'
${JSON.stringify(plan.manifest)}
FOOBAR_PROVISION_MANIFEST
}

# --- what each step prepares, does, and takes back

${choice('stage', changes, (change) => change.stage?.text)}
${choice('apply', steps, (step) => ('change' in step ? step.change.apply.text : checked(step.handler)))}
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
ways() {
${plan.handlers.flatMap((each) => (touchesAccess(each) ? [`  handler ${quote(each.id)}`] : [])).join('\n') || '  :'}
}

case \${1:-} in
  check) step=$2; inspect; exit ;;
  revert) revert "\${2:-}"; exit ;;
esac

${body(plan, options, steps, changes, checkers)}
`;
}

/** What fills releases, where one is filled. */
function releaseFunctions(changes: readonly Change[]): string {
  return changes.some(({ sends }) => sends) ? `\n${releasesText()}\n${bundled('run/release.sh')}` : '';
}

/** What the script does, in its order. */
function body(
  plan: Plan,
  options: RenderOptions,
  steps: readonly Numbered[],
  changes: readonly NumberedChange[],
  checkers: readonly Checker[],
): string {
  const of = (...some: readonly Phase[]) => changes.filter(({ phase }) => some.includes(phase));
  const late = steps.some((step) => isAccess(step) && isState(step));
  const early = of('accounts', 'directories', 'files').some(touchesAccess);
  const parts = [
    'open_run',
    options.unpack?.text,
    ...plan.handlers.map(({ id }) => `owe ${quote(id)}`),
    'intend || { say fail manifest 1; roll_back; }',
    packageSteps(changes),
    plainSteps(of('accounts', 'directories')),
    fileSteps(of('files'), checkers),
    'touched=yes',
    'release_units',
    ...(early && !late ? ['prove'] : []),
    stateSteps(steps),
    removalSteps(of('removal')),
    ...plan.settled.map((id) => `settle ${quote(id)}`),
    'commit',
    options.farewell && 'farewell',
  ];
  return parts.filter(Boolean).join('\n');
}

function isAccess(step: Numbered): boolean {
  return touchesAccess('change' in step ? step.change : step.handler);
}

function isState(step: Numbered): boolean {
  return 'handler' in step || step.change.phase === 'state';
}

/** Of the manifest and of the pending one; the run refuses to start where they are no longer these. */
export function baseOf(manifest: string | undefined, pending: string | undefined): string {
  return [manifest, pending].map((text) => (text === undefined ? 'none' : createHash('sha256').update(text).digest('hex'))).join('');
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

type NumberedChange = Change & { readonly number: number };

function checkersOf(changes: readonly NumberedChange[], handlers: readonly OwedHandler[]): readonly Checker[] {
  const all = [...changes.filter((change) => change.phase === 'files').flatMap((change) => change.notify), ...handlers];
  const byName = new Map(all.flatMap(({ checker }) => (checker ? [[checker.name, checker] as const] : [])));
  return [...byName.values()].filter((checker) => changes.some((change) => change.phase === 'files' && isUnder(change, checker)));
}

function isUnder(change: Change, checker: Checker): boolean {
  return checker.roots.some((root) => change.path?.startsWith(`${root}/`));
}

/** The checker's folders are copied, the staged files are put in place there, and the checker runs. */
function inspection(checker: Checker, changes: readonly NumberedChange[]): string {
  const inside = changes.filter((change) => change.phase === 'files' && isUnder(change, checker));
  return [
    `shadow ${checker.roots.map(quote).join(' ')} || return`,
    ...inside.map((change) => `step=${change.number}; apply || return`),
    checker.command.text,
  ].join('\n');
}

function stages(changes: readonly NumberedChange[]): string {
  return changes
    .filter((change) => change.stage)
    .map(
      (change) =>
        `step=${change.number}; stage 2>>"$RUN/log" || { rc=$?; say begin ${change.number} ${quote(change.resource)}; finish ${quote(change.resource)}; }`,
    )
    .join('\n');
}

/** Before a change that may cut off the way in, the host is told to go back by itself. */
function changeSteps(changes: readonly NumberedChange[]): string {
  return changes.flatMap((change) => [...(touchesAccess(change) ? ['arm'] : []), changeStep(change)]).join('\n');
}

function changeStep({ number, resource }: NumberedChange): string {
  return `change ${number} ${quote(resource)}`;
}

function plainSteps(changes: readonly NumberedChange[]): string {
  return [stages(changes), changeSteps(changes)].join('\n');
}

/** Folders and accounts go one by one; packages go last, in one transaction, since nothing brings back what they take along. */
function removalSteps(changes: readonly NumberedChange[]): string {
  const purged = changes.filter(({ stage }) => stage !== undefined);
  const others = changes.filter(({ stage }) => stage === undefined);
  const transaction = `say begin 0 'purging packages'; printf '\\n== purge\\n' >>"$RUN/log"; purge >>"$RUN/log" 2>&1 </dev/null; rc=$?; [ "$rc" = 0 ] || { say fail purge "$rc"; explain; roll_back; }`;
  const proof = others.some(touchesAccess) ? ['prove'] : [];
  return [changeSteps(others), ...proof, stages(purged), ...(purged.length > 0 ? [transaction] : []), changeSteps(purged)].join('\n');
}

function packageSteps(changes: readonly NumberedChange[]): string {
  const packages = changes.filter((change) => change.phase === 'packages');
  if (packages.length === 0) return '';
  const units = [...new Set(changes.flatMap(({ starts, stops }) => starts ?? stops ?? []))];
  // A repository is added, or taken away, before the transaction, which may fail.
  const early = packages.flatMap(({ number, stage, undo }) => (stage && undo ? [`printf '%s\\n' ${number} >>"$RUN/begun"`] : []));
  return [
    ...early,
    stages(packages),
    ...(units.length > 0 ? [`hold_units ${units.map(quote).join(' ')}`] : []),
    `say begin 0 packages; printf '\\n== packages\\n' >>"$RUN/log"`,
    `transact >>"$RUN/log" 2>&1 </dev/null; rc=$?; [ "$rc" = 0 ] || { say fail packages "$rc"; explain; roll_back; }`,
    changeSteps(packages),
  ].join('\n');
}

function fileSteps(changes: readonly NumberedChange[], checkers: readonly Checker[]): string {
  if (changes.length === 0) return '';
  const checks = checkers.map((checker, index) => `check ${index + 1} ${quote(checker.name)}`);
  const units = changes.some(({ path }) => path?.startsWith('/etc/systemd/system/'));
  return [
    stages(changes),
    'sync_staged',
    ...(checks.length > 0 ? ['if can_shadow; then', ...checks.map((line) => `  ${line}`), 'fi'] : []),
    'touched=yes',
    ...(units ? ['UNITS=changed'] : []),
    changeSteps(changes),
    'sync_placed',
  ].join('\n');
}

/** What may cut off the way in is proven harmless as soon as the last of it is live, before the rest goes on. */
function stateSteps(steps: readonly Numbered[]): string {
  const states = steps.filter(isState);
  const last = states.findLast(isAccess);
  return states.flatMap((step) => [...(isAccess(step) ? ['arm'] : []), ...stateStep(step), ...(step === last ? ['prove'] : [])]).join('\n');
}

function stateStep(step: Numbered): readonly string[] {
  if ('handler' in step) return [`handle ${step.number} ${quote(step.handler.id)}`];
  const change = { number: step.number, ...step.change };
  const prepared = stages([change]);
  return [...(prepared ? [prepared] : []), changeStep(change)];
}
