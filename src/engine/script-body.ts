import { type Command, quote } from '../command/command.ts';
import { preparationOf } from './change-step.ts';
import { pathOf } from './effect.ts';
import { type Checker, handlerId } from './handler.ts';
import { touchesAccess } from './lockout.ts';
import type { Phase } from './phase.ts';
import type { Plan } from './plan.ts';
import { nameOf } from './resource-id.ts';
import { changesIn, isPurge, type NumberedChange, type Step } from './steps.ts';

export interface BodyOptions {
  /** The run takes away the last of this configuration, its own record included. */
  readonly farewell?: boolean;
  /**
   * What becomes of changes that may close SSH access: `guarded`, reverted unless a client proves them (the default); `proven`, made like all
   * others, since they were proven on a host of the same image; `held`, not made, since nobody will prove them.
   */
  readonly access?: 'guarded' | 'proven' | 'held';
  /** Shell that fills what a plan only names, such as an embedded release; runs after the lock is taken. */
  readonly unpack?: Command;
}

/** What the script does, in its order. */
export function scriptBody(
  plan: Plan,
  options: BodyOptions,
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
    `${['intend', ...plan.handlers.map((handler) => quote(handlerId(handler)))].join(' ')} 2>>"$RUN/log" || fail manifest 1`,
    packageSteps(changes),
    plainSteps(of('accounts', 'directories')),
    fileSteps(
      changes.filter(({ phase }) => phase === 'files'),
      checkers,
    ),
    'touched=yes',
    'load_units',
    ...steps.filter((step) => isState(step) && !access.includes(step)).flatMap(stateStep),
    removalSteps(of('removal').filter((change) => !isPurge(change))),
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
function accessSteps(steps: readonly Step[], how: NonNullable<BodyOptions['access']>): string {
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

const syncStaged = `sync_staged 2>>"$RUN/log" || fail 'the new files' "$?"`;
const syncPlaced = `sync_placed 2>>"$RUN/log" || fail 'the new files' "$?"`;

function stages(changes: readonly NumberedChange[]): string {
  return changes
    .filter(({ step }) => preparationOf(step))
    .map(({ number, resource }) => {
      const name = quote(nameOf(resource));
      return `step=${number}; stage 2>>"$RUN/log" || { rc=$?; say begin ${number} ${name}; finish ${name}; }`;
    })
    .join('\n');
}

function changeSteps(changes: readonly NumberedChange[]): string {
  return changes.map(changeStep).join('\n');
}

function changeStep({ number, resource }: NumberedChange): string {
  return `change ${number} ${quote(nameOf(resource))}`;
}

function plainSteps(changes: readonly NumberedChange[]): string {
  return [stages(changes), changeSteps(changes)].join('\n');
}

function removalSteps(changes: readonly NumberedChange[]): string {
  return [stages(changes), changeSteps(changes)].filter(Boolean).join('\n');
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
  const units = [...new Set(changes.flatMap(unitsOf))];
  // A repository is added, or taken away, before the transaction, which may fail.
  const early = packages.flatMap(({ number, step }) =>
    step.kind === 'repository' ? [`note_begun ${number} 2>>"$RUN/log" || fail packages "$?"`] : [],
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

/** The units that a change starts or stops. */
function unitsOf({ effects }: NumberedChange): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === 'starts' || effect.kind === 'stops' ? [effect.unit] : []));
}

function fileSteps(changes: readonly NumberedChange[], checkers: readonly Checker[]): string {
  if (changes.length === 0) return '';
  const checks = checkers.map((checker, index) => `check ${index + 1} ${quote(checker.name)}`);
  const units = changes.some((change) => pathOf(change)?.startsWith('/etc/systemd/system/'));
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
  if (step.kind === 'handler') return [`handle ${step.number} ${quote(handlerId(step.handler))}`];
  const changes = changesIn([step]);
  const prepared = step.change.phase === 'state' ? stages(changes) : '';
  return [...(prepared ? [prepared] : []), changeSteps(changes)];
}
