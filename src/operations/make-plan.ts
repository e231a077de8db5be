import { readFile } from 'node:fs/promises';
import { exceptSites } from '../engine/except-sites.ts';
import { withOnlyRecordOf } from '../engine/manifest.ts';
import type { Plan } from '../engine/plan.ts';
import { parseSavedPlan, requireSame, type SavedPlan } from '../engine/plan-file.ts';
import { nameOf } from '../engine/resource-id.ts';
import { type PlanOptions as EnginePlanOptions, planFor, planReadScript } from '../engine/survey.ts';
import { Problem } from '../error.ts';
import { deployScope, partOf } from '../release/deploy-plan.ts';
import { version } from '../version.ts';
import type { Emit } from './event.ts';
import { domainsOf, unbuiltSites } from './failed-site.ts';
import { withOnlySite } from './one-site.ts';
import { keepReads, type ReadScope } from './read-ahead.ts';
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
  about: ReadScope = 'everything',
): Promise<Plan> {
  const { read, survey, config } = session;
  withOnlySite(config, options.site);
  return completePlan(session, options, emit, async () => {
    const whole = await planFor(read, config, survey, engineOptions(session, about, options.allowDestroy));
    const others = whole.parts.flatMap(({ name }) => (options.site === undefined || name === options.site ? [] : [name]));
    return exceptSites(whole, new Set([...others, ...domainsOf(unbuiltSites(config)), ...(options.without ?? [])]));
  });
}

/**
 * Reads the resources that only this one of several sites has, and resolves to the plan that removes them. What it shares with others, and
 * packages, which are removed in one transaction, stay for the next run of the whole configuration.
 */
export async function makeRemovalPlan(
  session: HostSession,
  domain: string,
  options: Pick<PlanOptions, 'allowDestroy' | 'saved'>,
  { emit }: Context,
): Promise<Plan> {
  const { read, survey, config, host, peers } = session;
  const [first, ...rest] = config.sites.filter((site) => site.domain !== domain);
  return completePlan(session, options, emit, async () => {
    // The names of the site are free for other configurations, so the record no longer claims them.
    const whole = await planFor(read, first ? { ...config, sites: [first, ...rest] } : config, survey, {
      ...{ version, host, peers, playbooks: [], kinds: kindsIn(session) },
      allowDestroy: options.allowDestroy === true,
      narrow: ({ remembered }) => ({ desired: [], remembered: withOnlyRecordOf(domain, remembered) }),
    });
    const later = [
      ...whole.parts.flatMap(({ name, resources }) => (name === domain ? [] : resources)),
      ...whole.changes.flatMap(({ part, resource }) => (part === domain ? [] : [nameOf(resource)])),
    ];
    const { manifest, pending } = withOnlyRecordOf(domain, survey.remembered);
    const own = new Set(Object.keys({ ...manifest?.resources, ...pending?.resources }));
    for (const name of later) own.delete(name);
    return partOf(whole, ({ resource }) => own.has(nameOf(resource)), survey.remembered);
  });
}

/** Makes a plan and emits its events. Rejects with a Problem if it is not the saved one. */
async function completePlan(
  { transport, survey }: HostSession,
  options: PlanOptions,
  emit: Emit,
  make: () => Promise<Plan>,
): Promise<Plan> {
  const saved = options.saved === undefined ? undefined : await readSavedPlan(options.saved);
  emit({ event: 'stage', host: transport.host, text: 'reading the host' });
  const plan = await make();
  emit({ event: 'compared', host: transport.host, checked: plan.checked, roundTrips: transport.roundTrips });
  for (const text of plan.remarks) emit({ event: 'note', host: transport.host, text });
  if (saved) requireSame(saved, transport.host, survey.base, plan);
  return plan;
}

/** Makes the host keep the script with which the next plan will most likely read it. Never rejects, because a missing one costs only time. */
export async function keepNextReads(session: HostSession): Promise<void> {
  const { transport, config, survey } = session;
  try {
    await keepReads(transport, config, 'everything', planReadScript(config, survey, engineOptions(session, 'everything')));
  } catch {}
}

function engineOptions(session: HostSession, about: ReadScope, allowDestroy = false): EnginePlanOptions {
  const { playbooks, host, peers } = session;
  const kinds = kindsIn(session);
  return {
    version,
    host,
    peers,
    playbooks,
    kinds,
    allowDestroy,
    ...(about === 'the application' && {
      narrow: ({ desired, remembered }) => deployScope(desired, remembered, playbooks, kinds),
    }),
  };
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
