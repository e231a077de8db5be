import type { Config } from '../config/config.ts';
import { exitCode, Problem } from '../error.ts';

/** A site that was left out of a run, or rolled back, while the run went on for the others. */
export interface FailedSite {
  readonly site: string;
  readonly problem: Problem;
}

/** Returns the sites whose applications could not be built or fetched. */
export function unbuiltSites({ sites }: Config): readonly FailedSite[] {
  return sites.flatMap(({ domain, app: { failure } }) =>
    failure ? [{ site: domain, problem: leftOut(domain, 'prepared', failure) }] : [],
  );
}

/** Returns the Problem of a site that a run leaves out, because this could not be done with its application. */
export function leftOut(site: string, what: 'prepared' | 'uploaded', { details }: Problem): Problem {
  return new Problem({
    ...details,
    site,
    message: `The application of ${site} could not be ${what}. ${details.message}`,
    hint: `${details.hint ?? ''} ${site} serves as before.`.trimStart(),
  });
}

/** Returns the domains of the sites. */
export function domainsOf(failed: readonly FailedSite[]): ReadonlySet<string> {
  return new Set(failed.map(({ site }) => site));
}

/** Returns the Problem of a run that went on without some sites; undefined if there are none. */
export function failedSitesProblem(failed: readonly FailedSite[]): Problem | undefined {
  const [first, ...others] = failed;
  if (!first) return undefined;
  const goesOn = 'The run went on for the other sites.';
  if (others.length === 0) return new Problem({ ...first.problem.details, message: `${first.problem.message} ${goesOn}` });
  const host = first.problem.details.host;
  return new Problem({
    message: `${failed.length} sites failed: ${failed.map(({ site }) => site).join(', ')}. ${goesOn}`,
    ...(host && { host }),
    stderr: failed.map(({ problem: { message, details } }) => [message, details.stderr].filter(Boolean).join('\n')).join('\n'),
    hint: [...new Set(failed.map(({ problem }) => problem.details.hint))].filter(Boolean).join('\n'),
    exit: failed.find(({ problem }) => problem.exit !== exitCode.rolledBack)?.problem.exit ?? exitCode.rolledBack,
  });
}
