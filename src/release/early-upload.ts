import { createHash } from 'node:crypto';
import { digestOf } from '../application/file-list.ts';
import { filesOf, releaseName } from '../application/release-name.ts';
import type { Source } from '../application/source.ts';
import { keep, recall, recallAnyOf } from '../cache.ts';
import type { Config } from '../config/config.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { Manifest } from '../engine/manifest.ts';
import { parseName } from '../engine/resource-id.ts';
import { parseReleasePath, recordsOf, sitePaths } from '../host-paths.ts';
import type { Transport } from '../transport/transport.ts';
import { type Transfer, transferOf } from './transfer.ts';
import { upload } from './upload.ts';

/** An upload that was sent before the plan was made, with its events, which are emitted later. */
export interface EarlyUpload {
  readonly transfer: Transfer;
  readonly events: readonly EngineEvent[];
}

/** The largest upload that is sent before the plan shows that it is needed. */
const earlyUploadLimit = { bytes: 4 << 20, files: 500 } as const;

/** The release that is assumed to be live, by the site's domain: `/srv/www/foobar.com/releases/0123456789ab`. */
export type LiveReleases = ReadonlyMap<string, string>;

/** Returns the releases in a host's manifest. */
export function releasesIn({ resources }: Manifest, { sites }: Config): LiveReleases {
  const releases = Object.keys(resources)
    .map(parseName)
    .filter(({ kind }) => kind === 'release');
  return new Map(
    sites.flatMap(({ domain }): [string, string][] => {
      const release = releases.find(({ id }) => parseReleasePath(id)?.domain === domain);
      return release === undefined ? [] : [[domain, release.id]];
    }),
  );
}

/** Records on this machine which releases are live on a host, as a guess for the next deploy. */
export async function keepReleases(host: string, releases: LiveReleases): Promise<void> {
  await Promise.all([...releases].map(([domain, release]) => keep(release, 'live', keyOf(host, domain))));
}

/** Returns the releases that this machine last made live on a host. */
export async function guessReleases(host: string, { sites }: Config): Promise<LiveReleases> {
  const kept = sites.map(async ({ domain }) => [domain, await recall('live', keyOf(host, domain))] as const);
  return new Map(
    (await Promise.all(kept)).flatMap(([domain, release]): [string, string][] => (release === undefined ? [] : [[domain, release]])),
  );
}

function keyOf(host: string, domain: string): string {
  return createHash('sha256').update(`${host}\0${domain}`).digest('hex').slice(0, 32);
}

/**
 * Sends what the next release most likely needs during the survey: the differences from the live release, whose list is in the cache.
 * The host accepts it only if that release is still live and the new one does not exist yet. Otherwise, and if it is large, it is sent
 * after the plan. Resolves to the completed uploads by the digest of an application's files. Never rejects.
 */
export async function sendAhead(
  transport: Transport,
  config: Config,
  releases: LiveReleases,
  id: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, EarlyUpload>> {
  const sources = new Map(
    config.sites.flatMap(({ domain, app }) =>
      app.failure ? [] : [[app.source.digest, { source: app.source, name: releaseName(app), release: releases.get(domain) }] as const],
    ),
  );
  const sent = await Promise.all(
    [...sources.values()].map(async ({ source, name, release }): Promise<[string, EarlyUpload][]> => {
      if (release === undefined || source.checksum) return [];
      try {
        const found = await send(transport, { source, name, release }, id, signal);
        return found ? [[source.digest, found]] : [];
      } catch {
        // The upload after the plan will meet and report the same error.
        return [];
      }
    }),
  );
  return new Map(sent.flat());
}

interface Coming {
  readonly source: Source;
  /** The name that its release will have. */
  readonly name: string;
  /** The path of the release that it is made from. */
  readonly release: string;
}

async function send(
  transport: Transport,
  { source, name: next, release }: Coming,
  id: string,
  signal: AbortSignal,
): Promise<EarlyUpload | undefined> {
  const { domain, id: name } = parseReleasePath(release) ?? { domain: '', id: '' };
  const files = filesOf(name);
  const list = /^[0-9a-f]+$/.test(name) && !source.digest.startsWith(files) ? await recallAnyOf(files, 'lists') : undefined;
  if (list === undefined) return undefined;
  const base = { release, record: `${recordsOf(domain)}/${name}`, digest: digestOf(list), missing: [] };
  const transfer = await transferOf(transport, source, base);
  if (!transfer.base || !isSmall(transfer)) return undefined;
  const events: EngineEvent[] = [];
  const { releases, current } = sitePaths(domain);
  const guess = { release: `${releases}/${next}`, live: current };
  await upload(transport, { ...transfer, guess }, id, (event) => events.push(event), signal);
  return { transfer, events };
}

function isSmall({ source, filesToSend }: Transfer): boolean {
  return (
    filesToSend.length <= earlyUploadLimit.files &&
    filesToSend.reduce((sum, { path }) => sum + (source.sizes.get(path) ?? 0), 0) <= earlyUploadLimit.bytes
  );
}
