import { readFile, writeFile } from 'node:fs/promises';
import type { Result } from '../engine/event.ts';
import type { Plan } from '../engine/plan.ts';
import { parseSavedPlan, requireSame, savePlan } from '../engine/plan-file.ts';
import { planFor } from '../engine/survey.ts';
import { exitCode, Problem } from '../error.ts';
import { kinds } from '../resources/index.ts';
import { version } from '../version.ts';
import { configured, leave, type Reached, reach } from './host.ts';
import type { Options } from './options.ts';
import { withDiffs } from './output/diff.ts';
import type { Reporter } from './output/reporter.ts';

/** What would change and why. It leaves no trace on the host. */
export async function plan(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Result> {
  const { config, playbooks } = await configured(target, options, reporter);
  const reached = await reach(config, playbooks, options, reporter, signal);
  const { transport, survey } = reached;
  try {
    const found = await planned(reached, options, reporter);
    if (options.out) await write(options.out, savePlan(transport.host, survey.base, found));
    reporter.emit({ event: 'plan', host: transport.host, plan: await withDiffs(transport, found, options.verbose === true) });
    const changed = found.changes.length + found.handlers.length;
    return { ok: true, changed, checked: found.checked, exitCode: changed > 0 ? exitCode.changes : exitCode.done };
  } finally {
    await leave(transport, survey);
  }
}

/** Reads and compares; where a saved plan was named, this one must be it. */
export async function planned(
  { transport, survey, config, playbooks }: Reached,
  options: Options,
  reporter: Reporter,
  deploying = false,
): Promise<Plan> {
  const saved = options.plan === undefined ? undefined : parseSavedPlan(await read(options.plan), options.plan);
  reporter.emit({ event: 'stage', text: 'reading the host' });
  const found = await planFor(transport, config, survey, {
    version,
    playbooks,
    kinds,
    allowDestroy: options.allowDestroy === true,
    deploying,
  });
  reporter.emit({ event: 'compared', host: transport.host, checked: found.checked, roundTrips: transport.roundTrips });
  for (const text of found.remarks) reporter.emit({ event: 'note', text });
  if (saved) requireSame(saved, transport.host, survey.base, found);
  return found;
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Problem({
      message: `The saved plan ${file} cannot be read.`,
      hint: 'Name a file that `foobar-provision plan --out` has written.',
      cause,
    });
  });
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 }).catch((cause: unknown) => {
    throw new Problem({
      message: `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: 'Name a file in a folder that you may write to.',
      cause,
    });
  });
}
