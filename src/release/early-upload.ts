import { createHash } from 'node:crypto';
import { digestOf } from '../application/file-list.ts';
import type { Source } from '../application/source.ts';
import { keep, recall, recallAnyOf } from '../cache.ts';
import type { Config } from '../config/config.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { Manifest } from '../engine/manifest.ts';
import { parseName } from '../engine/resource-id.ts';
import { parseReleasePath, recordsOf, sitePaths } from '../host-paths.ts';
import type { Transport } from '../transport/transport.ts';
import { type Parcel, parcelOf } from './transfer.ts';
import { upload } from './upload.ts';

/** What was sent before the plan was made, and what is to be told of it. */
export interface Sent {
  readonly parcel: Parcel;
  readonly events: readonly EngineEvent[];
}

/** Bytes and files up to which something is sent before it is known to be wanted. */
const most = { bytes: 4 << 20, files: 500 } as const;

/** The release that is taken to be live, by the site's domain: `/srv/www/foobar.com/releases/0123456789ab`. */
export type LiveReleases = ReadonlyMap<string, string>;

/** Those that a host's record names. */
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

/** Keeps on this machine what it has made live on a host, for the next deploy to guess by. */
export async function keepReleases(host: string, releases: LiveReleases): Promise<void> {
  await Promise.all([...releases].map(([domain, release]) => keep(release, 'live', keyOf(host, domain))));
}

/** Those that this machine last made live on a host. */
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
 * Sends what the next release most likely needs while the host is read: what differs from the release that is live, whose list is known here.
 * The host takes it only where that release is as it was, and the new one not there yet; otherwise, or where it is much, it is left to be sent
 * by the plan. Resolves, by the digest of an application's files, to what has arrived; never rejects.
 */
export async function sendAhead(
  transport: Transport,
  config: Config,
  releases: LiveReleases,
  id: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Sent>> {
  const sources = new Map(
    config.sites.map(({ domain, app }) => [app.source.digest, { source: app.source, release: releases.get(domain) }]),
  );
  const sent = await Promise.all(
    [...sources.values()].map(async ({ source, release }): Promise<[string, Sent][]> => {
      if (release === undefined || source.checksum) return [];
      try {
        const found = await send(transport, source, release, id, signal);
        return found ? [[source.digest, found]] : [];
      } catch {
        // Whatever it was is met again by who sends it in earnest.
        return [];
      }
    }),
  );
  return new Map(sent.flat());
}

async function send(transport: Transport, source: Source, release: string, id: string, signal: AbortSignal): Promise<Sent | undefined> {
  const { domain, id: name } = parseReleasePath(release) ?? { domain: '', id: '' };
  const list = /^[0-9a-f]+$/.test(name) && !source.digest.startsWith(name) ? await recallAnyOf(name, 'lists') : undefined;
  if (list === undefined) return undefined;
  const base = { release, record: `${recordsOf(domain)}/${name}`, digest: digestOf(list), missing: [] };
  const parcel = await parcelOf(transport, source, base);
  if (!parcel.base || !isLittle(parcel)) return undefined;
  const events: EngineEvent[] = [];
  const { releases, current } = sitePaths(domain);
  const guess = { release: `${releases}/${source.digest.slice(0, name.length)}`, live: current };
  await upload(transport, { ...parcel, guess }, id, (event) => events.push(event), signal);
  return { parcel, events };
}

function isLittle({ source, coming }: Parcel): boolean {
  return coming.length <= most.files && coming.reduce((sum, { path }) => sum + (source.sizes.get(path) ?? 0), 0) <= most.bytes;
}
