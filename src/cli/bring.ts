import type { Plan } from '../engine/plan.ts';
import type { Sent } from '../release/early-upload.ts';
import { type Parcel, parcelOf, sourcesOf } from '../release/transfer.ts';
import { upload } from '../release/upload.ts';
import type { Reached } from './host.ts';
import type { Reporter } from './output/reporter.ts';

/** A name that no other run on the host has; the later one sorts behind. */
export function newRun(): string {
  return `${new Date().toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}-${Math.random().toString(36).slice(2, 8)}`;
}

/** Brings to the host the files that the plan needs there, but for what has arrived already. */
export async function bring(
  { config, transport }: Pick<Reached, 'config' | 'transport'>,
  plan: Plan,
  arrived: ReadonlyMap<string, Sent>,
  id: string,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const tell = ({ source, base, changed }: Parcel) =>
    reporter.emit({
      event: 'sending',
      host: transport.host,
      id: source.digest.slice(0, 12),
      ...(base && { base: base.release.replace(/.*\//, '') }),
      ...changed,
    });
  for (const { source, base } of sourcesOf(plan, config)) {
    const already = arrived.get(source.digest);
    const parcel = already?.parcel ?? (await parcelOf(transport, source, base));
    tell(parcel);
    for (const event of already?.events ?? []) reporter.emit(event);
    if (!already) await upload(transport, parcel, id, reporter.emit, signal);
  }
}
