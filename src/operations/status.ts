import { backupRecordScript, parseBackupRecords } from '../backups/record.ts';
import { inParallel, lines, sh } from '../command/command.ts';
import type { Config } from '../config/config.ts';
import type { InventoryHost } from '../config/inventory.ts';
import { bundledLibrary, definitionsOf } from '../engine/shell-library.ts';
import { sectionsOf } from '../facts/parse.ts';
import { sitesFolder } from '../host-paths.ts';
import { parseRuns } from './about-run.ts';
import { checkHops } from './check-hops.ts';
import type { HostResult, Result } from './event.ts';
import { runsScript } from './history.ts';
import { parseHostStatus, parseSiteStatus, type SiteStatus } from './host-status.ts';
import { isInMaintenance } from './in-maintenance.ts';
import { makePlan } from './make-plan.ts';
import { onEveryHost } from './on-every-host.ts';
import { withOnlySite } from './one-site.ts';
import type { Context, Fleet, HostSession } from './session.ts';
import { countOf, doneResult, totalOf } from './summarize.ts';

/** Shows the state of the hosts and their sites on one screen. It changes nothing. */
export async function status(site: string | undefined, fleet: Fleet, context: Context): Promise<Result> {
  return totalOf(await onEveryHost(fleet, context, (session, own) => showHost(session, site, own)));
}

/** How many runs are shown. */
const lastRuns = 3;

async function showHost(session: HostSession, site: string | undefined, context: Context): Promise<HostResult> {
  const { transport, survey } = session;
  const { host } = transport;
  const config = withOnlySite(session.config, site);
  const [plan, hops, output] = await Promise.all([
    makePlan(session, {}, { ...context, emit: (event) => (event.event === 'stage' ? context.emit(event) : undefined) }),
    checkHops(session, { isChecked: (domain) => (site ?? domain) === domain }),
    transport.script(statusScript(config, session.host), { timeout: 60 }),
  ]);
  const sections = sectionsOf(output.stdout, '#status');
  const backups = parseBackupRecords(sections.get('backups') ?? '');
  // A host for databases alone has no site to show.
  const shown = session.host.roles.includes('web') ? config.sites : [];
  const sites = shown.map(({ domain }): SiteStatus => {
    const record = backups.get(domain);
    return {
      domain,
      ...parseSiteStatus(sections.get(`site ${domain}`) ?? ''),
      inMaintenance: isInMaintenance(survey, domain),
      unhealthy: hops.flatMap((hop) => (!hop.ok && (hop.site ?? domain) === domain ? [hop.hop] : [])),
      ...(record && { backups: record }),
    };
  });
  const drift = plan.changes.filter(({ reason }) => reason === 'drift').length;
  const runs = parseRuns(sections.get('runs') ?? '').slice(0, lastRuns);
  const status = { title: survey.facts.title, ...parseHostStatus(sections.get('host') ?? ''), changes: countOf(plan), drift, sites, runs };
  context.emit({ event: 'status', host, status });
  return doneResult(host, 0, hops.length);
}

/** Returns the script that reads what neither the plan nor the health checks provide. */
function statusScript({ sites }: Config, { roles }: InventoryHost) {
  return lines(
    definitionsOf([bundledLibrary('status/status.sh')]),
    inParallel([
      sh`printf '\n#status host\n'; read_host_status ${sitesFolder}`,
      sh`printf '\n#status runs\n'\n${runsScript}`,
      sh`printf '\n#status backups\n'\n${backupRecordScript(sites.map(({ domain }) => domain))}`,
      ...sites.map(
        ({ domain, database }) =>
          sh`printf '\n#status site %s\n' ${domain}; read_site_status ${domain} ${database.engine === 'none' || !roles.includes('database') ? '' : database.name}`,
      ),
    ]),
  );
}
