import { lines, sh } from '../command/command.ts';
import { bundledLibrary, definitionsOf } from '../engine/shell-library.ts';
import { stateFolder } from '../host-paths.ts';
import { type PastRun, parseRuns } from './about-run.ts';
import type { Result } from './event.ts';
import { onEveryHost } from './on-every-host.ts';
import { withOnlySite } from './one-site.ts';
import type { Context, Fleet } from './session.ts';
import { doneResult, totalOf } from './summarize.ts';

/**
 * Shows the recorded runs of the hosts, newest first. If a site is named, it leaves out runs that are known not to have changed that site.
 * It changes nothing.
 */
export async function history(site: string | undefined, fleet: Fleet, context: Context): Promise<Result> {
  return totalOf(
    await onEveryHost(fleet, context, async ({ transport, config }, { emit }) => {
      withOnlySite(config, site);
      const { stdout } = await transport.script(runsScript);
      const all = parseRuns(stdout);
      const runs = site === undefined || config.sites.length < 2 ? all : all.filter((run) => concerns(run, site));
      emit({ event: 'history', host: transport.host, runs });
      return doneResult(transport.host, 0, runs.length);
    }),
  );
}

/** The script that prints the records of all runs. */
export const runsScript = lines(sh`STATE=${stateFolder}`, definitionsOf([bundledLibrary('read/runs.sh')]), sh`list_runs`);

function concerns({ about }: PastRun, site: string): boolean {
  return about?.changes.some((change) => change.site === site) ?? true;
}
