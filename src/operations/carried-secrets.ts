import { sh } from '../command/command.ts';
import { Secret } from '../command/secret.ts';
import { type Effect, effectsOf } from '../engine/effect.ts';
import type { Change } from '../engine/plan.ts';
import { Problem } from '../error.ts';
import { secretsFolder } from '../host-paths.ts';
import type { HostPlan } from './confirm-plans.ts';

/**
 * Reads the secrets that other hosts have just generated for this run, and adds them to its plan. They pass through the memory of this process,
 * and from one connection into the standard input of another.
 */
export async function withCarriedSecrets<Run extends HostPlan>(run: Run, all: readonly HostPlan[]): Promise<Run> {
  if (run.plan.changes.every((change) => effectsOf(change, 'carries').length === 0)) return run;
  const changes = await Promise.all(run.plan.changes.map((change) => supplied(change, all)));
  return { ...run, plan: { ...run.plan, changes } };
}

async function supplied(change: Change, all: readonly HostPlan[]): Promise<Change> {
  const carried = effectsOf(change, 'carries');
  if (carried.length === 0) return change;
  const values = await Promise.all(
    carried.map(async ({ name, from }): Promise<Effect> => ({ kind: 'supplies', name, value: await read(name, from, all) })),
  );
  return { ...change, effects: [...(change.effects ?? []).filter(({ kind }) => kind !== 'carries'), ...values] };
}

async function read(name: string, from: string, all: readonly HostPlan[]): Promise<Secret> {
  const transport = all.find(({ session }) => session.host.name === from)?.session.transport;
  const output = await transport?.script(sh`cat ${`${secretsFolder}/${name}`}`);
  const text = output?.stdout.trim() ?? '';
  if (output?.code === 0 && text !== '') return new Secret(text);
  throw new Problem({
    message: `The secret ${name} could not be read on ${from}, where it is generated.`,
    host: from,
    ...(output && { stderr: output.stderr.trim() }),
    hint: 'Run again for all servers of the configuration: leave out --host, and the target.',
  });
}
