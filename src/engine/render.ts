import { type Command, lines, sh } from '../command/command.ts';
import { instancesFolder, secretsFolder, stateFolder } from '../host-paths.ts';
import { preparationOf, turnOf } from './change-step.ts';
import { checkersOf, inspection } from './checker-script.ts';
import { effectsOf } from './effect.ts';
import { type Checker, type Handler, handlerId } from './handler.ts';
import { defaultProofSeconds } from './lockout.ts';
import { manifestFunction, manifestWithoutAccess } from './manifest-script.ts';
import { handlersOfParts, partOf } from './part-script.ts';
import type { Change, Plan } from './plan.ts';
import { apt, checkers as checkerShell, everyRun, purge } from './run-libraries.ts';
import { type BodyOptions, scriptBody } from './script-body.ts';
import { definitionsOf, type ShellLibrary } from './shell-library.ts';
import { changesIn, handlersIn, isPurge, stepsOf } from './steps.ts';

/** What a run needs besides its plan. */
export interface RenderOptions extends BodyOptions {
  /** The unique id of the run on the host, which names its folder and its unit. */
  readonly id: string;
  /** The host's `base` when the plan was made (see files/run/base.sh), or `any` if the host is unknown. */
  readonly base: string;
  /** The folder of new package lists, which the run puts in place. */
  readonly lists?: string;
  /** True if the run fetches the package lists before it installs packages. */
  readonly update?: boolean;
  /** The seconds within which a new SSH login must succeed; see `require_proof` in files/run/lockout.sh. */
  readonly proofSeconds?: number;
}

/**
 * Returns the plan as one POSIX `sh` script that needs nothing else of this program on the host. Run as `sh script`, it takes the lock and
 * makes the changes, and rolls them back if a step fails. It is pure: the same plan gives the same script.
 */
export function render(plan: Plan, options: RenderOptions): string {
  const steps = stepsOf(plan);
  const changes = changesIn(steps);
  const handlers = handlersIn(steps);
  const checkers = checkersOf(changes, handlers);
  const access = steps.filter(({ place }) => place === 'access');
  const accessHandlers = handlersIn(access);
  return sh`#!/bin/sh
# Made by foobar-provision ${plan.manifest.version} for ${plan.name}. Run as root: sh script
# shellcheck disable=SC2016 # what files hold is quoted, so that nothing in it is expanded
set -u
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd / || exit 1
umask 022
ID=${options.id}
NAME=${plan.name}
BASE=${options.base}
LISTS=${options.lists ?? ''}
UPDATE=${options.update ? 'yes' : ''}
WITHIN=${options.proofSeconds ?? defaultProofSeconds}
STATE=${stateFolder}
SECRETS=${secretsFolder}
INSTANCES=${instancesFolder}
RUN=$STATE/runs/$ID
MANIFEST=$STATE/manifests/$NAME.json
PENDING=$STATE/manifests/$NAME.pending.json
SELF=$0
ARRIVALS=${arrivalsOf(plan).join(' ')}
ACCESS=${access.map(({ number }) => number).join(' ')}
step=0
rc=0
touched=

${definitionsOf([...everyRun, ...librariesOf(changes, checkers)])}

${manifestFunction('manifest', plan.manifest, plan)}
${manifestFunction('manifest_held', manifestWithoutAccess(plan), plan)}

# --- how each step is prepared, applied and undone

${choice('prepare', changes, (change) => preparationOf(change.step))}
${choice('apply', steps, (step) => (step.kind === 'change' ? turnOf(step.change.step) : checked(step.handler)))}
${choice('undo', changes, (change) => change.undo ?? sh`return 99`, sh`return 99`)}
${choice(
  'handler',
  handlers.map((each) => ({ number: handlerId(each), each })),
  ({ each }) => checked(each),
  sh`:`,
  sh`$1`,
)}
${choice(
  'inspect',
  checkers.map((checker, index) => ({ number: index + 1, checker })),
  ({ checker }) => inspection(checker, changes),
)}
reload_access() {
${accessHandlers.length > 0 ? lines(...accessHandlers.map((each) => sh`  handler ${handlerId(each)}`)) : sh`  :`}
}

settle_access() {
${accessHandlers.length > 0 ? lines(...accessHandlers.map((each) => sh`  clear_pending_handler ${handlerId(each)}`)) : sh`  :`}
}

${partOf(steps)}
${handlersOfParts(plan)}

case \${1:-} in
  check) step=$2 LEFT=$3; inspect; exit ;;
  guard) guard "$2"; exit ;;
esac

${scriptBody(plan, options, steps, changes, checkers)}
`.text;
}

/** Returns the digests of the uploads that the run uses. */
function arrivalsOf({ changes }: Plan): readonly string[] {
  return [...new Set(changes.flatMap((change) => effectsOf(change, 'sends').map(({ digest }) => digest)))];
}

/** Returns the shell libraries that the changes and the script call. */
function librariesOf(changes: readonly Change[], checkers: readonly Checker[]): readonly ShellLibrary[] {
  return [
    ...(checkers.length > 0 ? [checkerShell] : []),
    ...(changes.some(({ phase }) => phase === 'packages') ? [apt] : []),
    ...(changes.some(isPurge) ? [purge] : []),
    ...changes.flatMap(({ shell }) => shell),
  ];
}

/** Returns a shell function that selects one of several commands by the step's number. */
function choice<T extends { readonly number: number | string }>(
  name: string,
  items: readonly T[],
  commandOf: (item: T) => Command | undefined,
  otherwise = sh`:`,
  by = sh`$step`,
): Command {
  const cases = items.flatMap((item) => {
    const body = commandOf(item);
    return body ? [sh`    ${item.number})\n${body}\n      ;;`] : [];
  });
  return cases.length === 0
    ? sh`${name}() {\n  ${otherwise}\n}\n`
    : sh`${name}() {\n  case ${by} in\n${lines(...cases)}\n    *) ${otherwise} ;;\n  esac\n}\n`;
}

function checked({ checker, command }: Handler): Command {
  return checker ? sh`${checker.command} &&\n${command}` : command;
}
