import { readFile } from 'node:fs/promises';
import { exceptSites } from '../engine/except-sites.ts';
import type { Plan } from '../engine/plan.ts';
import { parseSavedPlan, requireSame, type SavedPlan } from '../engine/plan-file.ts';
import { planFor } from '../engine/survey.ts';
import { Problem } from '../error.ts';
import { deployScope } from '../release/deploy-plan.ts';
import { version } from '../version.ts';
import { withOnlySite } from './one-site.ts';
import { type Context, type HostSession, kindsIn } from './session.ts';

export interface PlanOptions {
  /** True if the plan may remove data. */
  readonly allowDestroy?: boolean | undefined;
  /** The file of a saved plan, which the new plan must equal. */
  readonly saved?: string | undefined;
  /** The only one of several sites to work on. */
  readonly site?: string | undefined;
  /** Sites to leave out. */
  readonly without?: ReadonlySet<string> | undefined;
}

/** Reads the host's current state and resolves to the plan. Rejects with a Problem if it is not the saved one. */
export async function makePlan(
  session: HostSession,
  options: PlanOptions,
  { emit }: Context,
  /** If only the application changes, what cannot affect it is not read. */
  about: 'everything' | 'the application' = 'everything',
): Promise<Plan> {
  const { transport, survey, config, playbooks, host, peers } = session;
  withOnlySite(config, options.site);
  const saved = options.saved === undefined ? undefined : await readSavedPlan(options.saved);
  emit({ event: 'stage', host: transport.host, text: 'reading the host' });
  const kinds = kindsIn(session);
  const whole = await planFor(transport, config, survey, {
    version,
    host,
    peers,
    playbooks,
    kinds,
    allowDestroy: options.allowDestroy === true,
    ...(about === 'the application' && {
      narrow: ({ desired, remembered }) => deployScope(desired, remembered, playbooks, kinds),
    }),
  });
  const others = whole.parts.flatMap(({ name }) => (options.site === undefined || name === options.site ? [] : [name]));
  const plan = exceptSites(whole, new Set([...others, ...(options.without ?? [])]));
  emit({ event: 'compared', host: transport.host, checked: plan.checked, roundTrips: transport.roundTrips });
  for (const text of plan.remarks) emit({ event: 'note', host: transport.host, text });
  if (saved) requireSame(saved, transport.host, survey.base, plan);
  return plan;
}

async function readSavedPlan(file: string): Promise<SavedPlan> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Problem({
      message: `The saved plan ${file} cannot be read.`,
      hint: 'Name a file that `foobar-provision plan --out` has written.',
      cause,
    });
  });
  return parseSavedPlan(text, file);
}
