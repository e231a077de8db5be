import type { Result } from '../engine/event.ts';
import { exitCode } from '../error.ts';
import { parseReleases, releasesScript } from '../release/inventory.ts';
import { approach } from './approach.ts';
import { leave } from './host.ts';
import type { Options } from './options.ts';
import type { Reporter } from './output/reporter.ts';

/** The releases that are on the host, newest first; touches nothing. */
export async function releases(target: string | undefined, options: Options, reporter: Reporter, signal: AbortSignal): Promise<Result> {
  const { config, transport, survey } = await approach(target, options, reporter, signal, { sendsNothing: true });
  try {
    const { stdout } = await transport.script(releasesScript(config.sites.map(({ domain }) => domain)).text);
    const sites = parseReleases(stdout);
    for (const [site, found] of sites) reporter.emit({ event: 'releases', host: transport.host, site, releases: found });
    return { ok: true, changed: 0, checked: [...sites.values()].flat().length, exitCode: exitCode.done };
  } finally {
    await leave(transport, survey);
  }
}
