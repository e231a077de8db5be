import { isDeepStrictEqual } from 'node:util';
import { inParallel } from '../command/command.ts';
import { isSecure } from '../config/about.ts';
import { gather } from '../engine/playbook.ts';
import { nameOf } from '../engine/resource-id.ts';
import { observedIn, observeScripts } from '../engine/survey.ts';
import { partOf } from '../release/deploy-plan.ts';
import { executePlans } from './execute-plans.ts';
import { failedSitesProblem } from './failed-site.ts';
import { withHttpsDecision } from './https-decision.ts';
import { newsOf } from './https-follow-up.ts';
import { makePlan } from './make-plan.ts';
import { type Context, type HostSession, viewOf } from './session.ts';
import { countOf } from './summarize.ts';
import { resurvey } from './survey-host.ts';

interface Followed {
  readonly session: HostSession;
  /** The number of changes that were made. */
  readonly made: number;
}

/**
 * Finds out where a release that has just gone live redirects visitors. If it redirects differently from the previous release, the web
 * server's redirects are changed, so that the two never form a loop. Nothing else of the configuration is applied.
 */
export async function followRelease(session: HostSession, context: Context): Promise<Followed> {
  const { host, transport, playbooks, config, survey } = session;
  const unchanged: Followed = { session, made: 0 };
  if (!config.sites.some(isSecure)) return unchanged;
  const { stdout } = await transport.script(inParallel(observeScripts(config, host, playbooks)));
  if (isDeepStrictEqual(observedIn(stdout), survey.observed)) return unchanged;
  const now = await withHttpsDecision(await resurvey(session), session.configBeforeHttps);
  const news = config.sites.flatMap((before, index) => newsOf(before, now.config.sites[index]));
  const changed = new Set(differing(session, now));
  if (news.length === 0 || changed.size === 0) return unchanged;
  for (const text of new Set(news)) context.emit({ event: 'note', host: transport.host, text });
  const plan = partOf(await makePlan(now, {}, context), ({ resource }) => changed.has(nameOf(resource)), now.survey.remembered);
  if (countOf(plan) === 0) return { session: now, made: 0 };
  context.emit({ event: 'plan', host: transport.host, plan });
  // A run that came first has followed the release itself, or will.
  const [outcome] = await executePlans([{ session: now, plan }], context);
  const problem = failedSitesProblem(outcome?.failed ?? []);
  if (problem) throw problem;
  return { session: now, made: outcome?.isStale === false ? countOf(plan) : 0 };
}

/**
 * Returns the names of the resources that one decision about HTTPS makes different from another, without those of a release: after a
 * rollback, the release of the configuration is not the live one.
 */
function differing(before: HostSession, now: HostSession): readonly string[] {
  const known = new Map(desiredOf(before).map((resource) => [nameOf(resource), resource.attributes]));
  return desiredOf(now).flatMap((resource) => {
    const name = nameOf(resource);
    return isDeepStrictEqual(known.get(name), resource.attributes) ? [] : [name];
  });
}

function desiredOf(session: HostSession) {
  const playbooks = session.playbooks.filter(({ deploys }) => !deploys);
  return gather(playbooks, viewOf(session)).map(({ resource }) => resource);
}
