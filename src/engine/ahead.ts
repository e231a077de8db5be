import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { recallAnyOf } from '../cache.ts';
import type { Config, Source } from '../config/config.ts';
import type { Transport } from '../transport/transport.ts';
import { type Parcel, parcelOf } from './arrival.ts';
import type { Event } from './event.ts';
import { digestOf } from './list.ts';
import { type Manifest, stateFolder } from './manifest.ts';
import { upload } from './upload.ts';

/** What was sent before the plan was made, and what is to be told of it. */
export interface Sent {
  readonly parcel: Parcel;
  readonly events: readonly Event[];
}

/** Bytes and files up to which something is sent before it is known to be wanted. */
const most = { bytes: 4 << 20, files: 500 } as const;

/**
 * Sends what the next release most likely needs while the host is read: what differs from the release that the record names, whose list is known here.
 * The host takes it only where that release is as it was, and the new one not there yet; otherwise, or where it is much, it is left to be sent
 * by the plan. Resolves, by the digest of an application's files, to what has arrived; never rejects.
 */
export async function sendAhead(
  transport: Transport,
  config: Config,
  manifest: Manifest | undefined,
  id: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Sent>> {
  const sources = new Map(config.sites.map(({ domain, app }) => [app.source.digest, { source: app.source, domain }]));
  const sent = await Promise.all(
    [...sources.values()].map(async ({ source, domain }): Promise<[string, Sent][]> => {
      const release = manifest && releaseIn(manifest, domain);
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

/** The path of the release that the record names. */
function releaseIn({ resources }: Manifest, domain: string): string | undefined {
  const name = Object.keys(resources).find((each) => each.startsWith('release:') && each.includes(`/${domain}/releases/`));
  return name?.slice('release:'.length);
}

async function send(transport: Transport, source: Source, release: string, id: string, signal: AbortSignal): Promise<Sent | undefined> {
  const [, folder = '', site = '', name = ''] = /^(.*\/([^/]+)\/releases)\/([0-9a-f]+)$/.exec(release) ?? [];
  const list = name !== '' && !source.digest.startsWith(name) ? await recallAnyOf(name, 'lists') : undefined;
  if (list === undefined) return undefined;
  const base = { release, record: `${stateFolder}/releases/${site}/${name}`, digest: digestOf(list), missing: [] };
  const parcel = await parcelOf(transport, source, base);
  if (!parcel.base || !(await isLittle(parcel))) return undefined;
  const events: Event[] = [];
  const unless = `${folder}/${source.digest.slice(0, name.length)}`;
  await upload(transport, { ...parcel, unless }, id, (event) => events.push(event), signal);
  return { parcel, events };
}

async function isLittle({ source, coming }: Parcel): Promise<boolean> {
  if (coming.length > most.files) return false;
  const sizes = await Promise.all(coming.map(async ({ path }) => (await lstat(join(source.folder, path))).size));
  return sizes.reduce((sum, size) => sum + size, 0) <= most.bytes;
}
