import { type Command, lines, sh } from '../command/command.ts';
import { preparationOf } from './change-step.ts';
import { pathOf } from './effect.ts';
import { type Checker, handlerId } from './handler.ts';
import { touchesAccess } from './lockout.ts';
import { siteOf } from './part.ts';
import type { Phase } from './phase.ts';
import type { Plan } from './plan.ts';
import { nameOf } from './resource-id.ts';
import { changesIn, isPurge, type NumberedChange, type Step } from './steps.ts';

export interface BodyOptions {
  /** True if the run removes everything of this configuration, including its record. */
  readonly removesConfiguration?: boolean;
  /**
   * How to treat changes that may close SSH access. `guarded` (the default) reverts them unless a new login proves them. `proven` makes
   * them like all others, because they were proven on a host of the same image. `held` does not make them, because nobody will prove them.
   */
  readonly access?: 'guarded' | 'proven' | 'held';
  /** Shell that creates what the plan only names, such as an embedded release. It runs after the lock is taken. */
  readonly unpack?: Command;
}

/** Returns the commands of the script, in their order. */
export function scriptBody(
  plan: Plan,
  options: BodyOptions,
  steps: readonly Step[],
  changes: readonly NumberedChange[],
  checkers: readonly Checker[],
): Command {
  const access = steps.filter(({ place }) => place === 'access');
  const others = changes.filter((change) => !touchesAccess(change));
  const of = (...some: readonly Phase[]) => others.filter(({ phase }) => some.includes(phase));
  const purges = changes.filter(isPurge);
  const purging = purgeSteps(purges);
  return lines(
    sh`begin_run`,
    ...(options.unpack ? [options.unpack] : []),
    sh`${['record_intent', ...plan.handlers.map(handlerId)]} 2>>"$RUN/log" || fail manifest 1`,
    ...packageSteps(changes),
    ...plainSteps(of('accounts', 'directories')),
    ...fileSteps(
      changes.filter(({ phase }) => phase === 'files'),
      checkers,
      plan.parts.flatMap(({ name }) => siteOf(name) ?? []),
    ),
    sh`touched=yes`,
    sh`release_units`,
    ...steps.filter((step) => isState(step) && !access.includes(step)).flatMap(stateStep),
    ...plainSteps(of('removal').filter((change) => !isPurge(change))),
    ...accessSteps(access, options.access ?? 'guarded'),
    ...unlessLeft(purging, plan, access),
    ...unlessLeft(
      plan.clearedHandlers.map((id) => sh`clear_pending_handler ${id}`),
      plan,
    ),
    sh`commit`,
    ...(options.removesConfiguration ? unlessLeft([sh`forget_configuration`], plan, access) : []),
    ...(plan.parts.length > 0 ? [sh`end_parts`] : []),
  );
}

/** Returns commands that run only if the run has done everything else: no site was rolled back, and no access setting withheld. */
function unlessLeft(commands: readonly Command[], { parts }: Plan, access: readonly Step[] = []): readonly Command[] {
  const left = [...(access.length > 0 ? [sh`$HELD`] : []), ...(parts.length > 0 ? [sh`$LEFT`] : [])];
  if (commands.length === 0 || left.length === 0) return commands;
  return [sh`if [ -z "${left.reduce((one, other) => sh`${one}${other}`)}" ]; then`, ...commands, sh`fi`];
}

/**
 * Returns the steps that may close SSH access. They run when everything else is live, and only they are reverted if no new login proves
 * them. Their files were staged and checked with the others.
 */
function accessSteps(steps: readonly Step[], how: NonNullable<BodyOptions['access']>): readonly Command[] {
  if (steps.length === 0) return [];
  if (how === 'held') return [sh`HELD=export HELD_TEXT='Nobody was there to prove them.'`, sh`settle_access`];
  const early = changesIn(steps).filter(({ phase }) => phase !== 'state' && phase !== 'files');
  const prepared = [...preparations(early), syncStaged];
  const made = steps.flatMap(stateStep);
  if (how === 'proven') return [sh`access_only=yes`, ...prepared, ...made, syncPlaced, sh`end_access`];
  return [...prepared, sh`if arm_guard; then`, ...made, syncPlaced, sh`require_proof`, sh`else settle_access`, sh`fi`];
}

function isState(step: Step): boolean {
  return step.kind === 'handler' || step.change.phase === 'state';
}

const syncStaged = sh`sync_staged 2>>"$RUN/log" || fail 'the new files' "$?"`;
const syncPlaced = sh`sync_placed 2>>"$RUN/log" || fail 'the new files' "$?"`;

function preparations(changes: readonly NumberedChange[]): readonly Command[] {
  return changes
    .filter(({ step }) => preparationOf(step))
    .map(({ number, resource, part }) => {
      const name = nameOf(resource);
      const prepared = sh`step=${number}; prepare 2>>"$RUN/log" || { rc=$?; say begin ${number} ${name}; finish ${name}; }`;
      return part === undefined ? prepared : sh`is_left_out ${number} || { ${prepared}; }`;
    });
}

function changeSteps(changes: readonly NumberedChange[]): readonly Command[] {
  return changes.map(({ number, resource }) => sh`change ${number} ${nameOf(resource)}`);
}

function plainSteps(changes: readonly NumberedChange[]): readonly Command[] {
  return [...preparations(changes), ...changeSteps(changes)];
}

function purgeSteps(changes: readonly NumberedChange[]): readonly Command[] {
  if (changes.length === 0) return [];
  return [
    ...preparations(changes),
    sh`say begin 0 'purging packages'; printf '\\n== purge\\n' >>"$RUN/log"; purge >>"$RUN/log" 2>&1 </dev/null || fail purge "$?"`,
    ...changeSteps(changes),
  ];
}

function packageSteps(changes: readonly NumberedChange[]): readonly Command[] {
  const packages = changes.filter((change) => change.phase === 'packages');
  if (packages.length === 0) return [];
  const units = [...new Set(changes.flatMap(unitsOf))];
  // A repository is added or removed before the package transaction, which may fail.
  const early = packages.flatMap(({ number, step }) =>
    step.kind === 'repository' ? [sh`note_begun ${number} 2>>"$RUN/log" || fail packages "$?"`] : [],
  );
  return [
    ...early,
    ...preparations(packages),
    ...(units.length > 0 ? [sh`hold_units ${units} 2>>"$RUN/log" || fail packages "$?"`] : []),
    sh`say begin 0 packages; printf '\\n== packages\\n' >>"$RUN/log"`,
    sh`run_package_transaction >>"$RUN/log" 2>&1 </dev/null || fail packages "$?"`,
    ...changeSteps(packages),
  ];
}

/** Returns the units that a change starts or stops. */
function unitsOf({ effects }: NumberedChange): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === 'starts' || effect.kind === 'stops' ? [effect.unit] : []));
}

function fileSteps(changes: readonly NumberedChange[], checkers: readonly Checker[], sites: readonly string[]): readonly Command[] {
  if (changes.length === 0) return [];
  const checks = checkers.map((checker, index) => sh`  check ${[index + 1, checker.name, ...sites]}`);
  const units = changes.some((change) => pathOf(change)?.startsWith('/etc/systemd/system/'));
  return [
    ...preparations(changes),
    syncStaged,
    ...(checks.length > 0 ? [sh`if can_mount_copies; then`, ...checks, sh`fi`] : []),
    sh`touched=yes`,
    ...(units ? [sh`UNITS=changed`] : []),
    ...changeSteps(changes.filter((change) => !touchesAccess(change))),
    syncPlaced,
  ];
}

function stateStep(step: Step): readonly Command[] {
  if (step.kind === 'handler') return [sh`handle ${step.number} ${handlerId(step.handler)}`];
  const changes = changesIn([step]);
  return [...(step.change.phase === 'state' ? preparations(changes) : []), ...changeSteps(changes)];
}
