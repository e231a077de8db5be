import { checksOf } from '../engine/playbook.ts';
import type { Check, Hop } from '../health/check.ts';
import { isInMaintenance } from './in-maintenance.ts';
import { secretsOf } from './secrets.ts';
import { type HostSession, viewOf } from './session.ts';

interface HopOptions {
  /** Called with each hop as soon as it and those before it are known. */
  readonly onHop?: (hop: Hop) => void;
  /** Returns the checks that replace a check. */
  readonly replace?: (check: Check) => readonly Check[];
  /** Returns whether the hops of a site are checked, if only this one of several sites has them. */
  readonly isChecked?: (site: string) => boolean;
  /** False to skip the logs of applications, so that a run that may change nothing does not wait for them. */
  readonly readsLogs?: boolean;
}

/** Returns the health checks of a host. */
export function checksFor(session: HostSession): readonly Check[] {
  return checksOf(session.playbooks, viewOf(session));
}

/** Checks every hop of the request path. */
export async function checkHops(session: HostSession, options: HopOptions = {}): Promise<readonly Hop[]> {
  const { transport, survey } = session;
  const { onHop = () => {}, replace = (check) => [check], isChecked = () => true, readsLogs = true } = options;
  const { verify } = await import('../health/verify.ts');
  const checks = checksFor(session)
    .filter(({ site }) => site === undefined || isChecked(site))
    // A visitor of a site in maintenance gets 503.
    .filter(({ hop, site = session.config.sites[0].domain }) => hop !== 'visitor' || !isInMaintenance(survey, site))
    .flatMap(replace);
  // In maintenance, nginx serves the site to the host itself, but not to this machine.
  const direct = session.config.sites.some(({ domain }) => isInMaintenance(survey, domain)) ? { direct: false } : {};
  const context = {
    transport,
    addresses: survey.facts.addresses,
    secret: survey.secret,
    secrets: secretsOf(session),
    readsLogs,
    ...direct,
  };
  return verify(checks, context, onHop);
}
