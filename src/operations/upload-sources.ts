import { releaseName } from '../application/release-name.ts';
import type { Plan } from '../engine/plan.ts';
import { exitCode, Problem } from '../error.ts';
import type { EarlyUpload } from '../release/early-upload.ts';
import { sourcesOf, type Transfer, transferOf } from '../release/transfer.ts';
import { upload } from '../release/upload.ts';
import { type FailedSite, leftOut } from './failed-site.ts';
import type { Context, HostSession } from './session.ts';

/** Returns a unique id for a run. Ids sort by time. */
export function newRunId(): string {
  return `${new Date().toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}-${Math.random().toString(36).slice(2, 8)}`;
}

/**
 * Uploads the files that the plan needs. `early` are those that have been uploaded already. Resolves to the sites whose files could not be
 * uploaded. If these are all sites, or if the host cannot be reached, it rejects.
 */
export async function uploadSources(
  { config, transport }: Pick<HostSession, 'config' | 'transport'>,
  plan: Plan,
  early: ReadonlyMap<string, EarlyUpload>,
  id: string,
  { emit, signal }: Context,
): Promise<readonly FailedSite[]> {
  // If two sites use the same files with other shared paths, they are shown as the first site's.
  const nameOf = (digest: string) => {
    const app = config.sites.map((site) => site.app).find(({ source }) => source.digest === digest);
    return app ? releaseName(app) : digest.slice(0, 12);
  };
  const tell = ({ source, base, changed }: Transfer) =>
    emit({
      event: 'sending',
      host: transport.host,
      id: nameOf(source.digest),
      ...(base && { base: base.release.replace(/.*\//, '') }),
      ...changed,
    });
  const failed: FailedSite[] = [];
  for (const { source, base } of sourcesOf(plan, config)) {
    const arrived = early.get(source.digest);
    try {
      const transfer = arrived?.transfer ?? (await transferOf(transport, source, base));
      tell(transfer);
      for (const event of arrived?.events ?? []) emit(event);
      if (!arrived) await upload(transport, transfer, id, emit, signal);
    } catch (error) {
      const sites = config.sites.filter(({ app }) => app.source.digest === source.digest).map(({ domain }) => domain);
      failed.push(...failedUploads(error, sites, transport.host));
      if (failed.length === config.sites.length) throw error;
    }
  }
  for (const { site } of failed) emit({ event: 'site', host: transport.host, site, step: 'the upload', state: 'left out' });
  return failed;
}

/** Returns the sites that are left out because of this error. Throws it if it is not about their files alone. */
function failedUploads(error: unknown, sites: readonly string[], host: string): readonly FailedSite[] {
  if (!(error instanceof Problem) || error.exit !== exitCode.failed) throw error;
  return sites.map((site) => ({ site, problem: leftOut(site, 'uploaded', new Problem({ ...error.details, host })) }));
}
