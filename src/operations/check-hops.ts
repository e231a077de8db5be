import { checksOf } from '../engine/playbook.ts';
import type { Check, Hop } from '../health/check.ts';
import { secretsOf } from './secrets.ts';
import { type HostSession, viewOf } from './session.ts';

interface HopOptions {
  /** Is called with each hop as soon as it and those before it are known. */
  readonly onHop?: (hop: Hop) => void;
  /** Returns the checks that replace a check. */
  readonly replace?: (check: Check) => readonly Check[];
  /** Returns whether the hops of a site are checked, if only this one of several sites has them. */
  readonly isChecked?: (site: string) => boolean;
}

/** Returns the health checks of a host. */
export function checksFor(session: HostSession): readonly Check[] {
  return checksOf(session.playbooks, viewOf(session));
}

/** Checks every hop of the request path. */
export async function checkHops(session: HostSession, options: HopOptions = {}): Promise<readonly Hop[]> {
  const { transport, survey } = session;
  const { onHop = () => {}, replace = (check) => [check], isChecked = () => true } = options;
  const { verify } = await import('../health/verify.ts');
  const checks = checksFor(session)
    .filter(({ site }) => site === undefined || isChecked(site))
    .flatMap(replace);
  return verify(checks, { transport, addresses: survey.facts.addresses, secret: survey.secret, secrets: secretsOf(session) }, onHop);
}
