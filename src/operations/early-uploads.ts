import type { Config } from '../config/config.ts';
import { type EarlyUpload, guessReleases, type LiveReleases, releasesIn, sendAhead } from '../release/early-upload.ts';
import type { Transport } from '../transport/transport.ts';
import type { HostSession } from './session.ts';
import { newRunId } from './upload-sources.ts';

/** What was sent before the host was surveyed. */
export interface EarlyUploads {
  /** The releases that were taken to be live. */
  readonly guessed: Promise<LiveReleases>;
  readonly sent: Promise<ReadonlyMap<string, EarlyUpload>>;
}

/** Sends what the next release most likely needs, by the releases that this machine last made live on the host. */
export function uploadByGuess(config: Config, transport: Transport, signal: AbortSignal): EarlyUploads {
  const guessed = guessReleases(transport.host, config);
  return { guessed, sent: guessed.then((releases) => sendAhead(transport, config, releases, newRunId(), signal)) };
}

/** Resolves to what was guessed right and has arrived. Otherwise sends what follows from the host's record, where that names other releases. */
export async function uploadByRecord(
  { config, transport, survey }: HostSession,
  early: EarlyUploads | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, EarlyUpload>> {
  const [guessed, sent] = await Promise.all([early?.guessed, early?.sent]);
  if (sent && sent.size > 0) return sent;
  const { manifest } = survey.remembered;
  const recorded = manifest ? [...releasesIn(manifest, config)] : [];
  const others = new Map(recorded.filter(([domain, release]) => guessed?.get(domain) !== release));
  return sendAhead(transport, config, others, newRunId(), signal);
}
