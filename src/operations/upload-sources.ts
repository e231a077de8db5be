import { releaseName } from '../application/release-name.ts';
import type { Plan } from '../engine/plan.ts';
import type { EarlyUpload } from '../release/early-upload.ts';
import { sourcesOf, type Transfer, transferOf } from '../release/transfer.ts';
import { upload } from '../release/upload.ts';
import type { Context, HostSession } from './session.ts';

/** Returns a unique id for a run. Ids sort by time. */
export function newRunId(): string {
  return `${new Date().toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}-${Math.random().toString(36).slice(2, 8)}`;
}

/** Uploads the files that the plan needs. `early` are those that have been uploaded already. */
export async function uploadSources(
  { config, transport }: Pick<HostSession, 'config' | 'transport'>,
  plan: Plan,
  early: ReadonlyMap<string, EarlyUpload>,
  id: string,
  { emit, signal }: Context,
): Promise<void> {
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
  for (const { source, base } of sourcesOf(plan, config)) {
    const arrived = early.get(source.digest);
    const transfer = arrived?.transfer ?? (await transferOf(transport, source, base));
    tell(transfer);
    for (const event of arrived?.events ?? []) emit(event);
    if (!arrived) await upload(transport, transfer, id, emit, signal);
  }
}
