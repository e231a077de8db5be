import type { Config } from '../config/config.ts';
import { type EarlyUpload, guessReleases, type LiveReleases, releasesIn, sendAhead } from '../release/early-upload.ts';
import type { Transport } from '../transport/transport.ts';
import type { HostSession } from './session.ts';
import { newRunId } from './upload-sources.ts';

/** The uploads from before the host was surveyed. */
export interface EarlyUploads {
  /** The releases that were assumed to be live. */
  readonly guessed: Promise<LiveReleases>;
  readonly sent: Promise<ReadonlyMap<string, EarlyUpload>>;
}

/** Uploads what the next release probably needs, given the releases that this machine last made live on the host. */
export function uploadByGuess(config: Config, transport: Transport, signal: AbortSignal): EarlyUploads {
  const guessed = guessReleases(transport.host, config);
  return { guessed, sent: guessed.then((releases) => sendAhead(transport, config, releases, newRunId(), signal)) };
}

/** Resolves to the uploads that were guessed correctly. If the host's record names other releases, uploads what these require. */
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
