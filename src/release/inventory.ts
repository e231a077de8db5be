import { z } from 'zod/mini';
import { type Command, lines, sh } from '../command/command.ts';
import { handlerRecord, parseHandler } from '../engine/handler.ts';
import type { Resource } from '../engine/resource.ts';
import { listReleases } from '../engine/run-libraries.ts';
import { definitionsOf } from '../engine/shell-library.ts';
import { recordsOf, sitePaths } from '../host-paths.ts';

/** One release on a host. */
export interface Release {
  readonly id: string;
  /** The time at which it last went live, or at which its files were written if it was never live. */
  readonly at: Date;
  readonly live: boolean;
  /** Whether it failed its health check, and is kept for inspection. */
  readonly failed: boolean;
  /** Its number in the order in which the site's releases went live; missing if it was never live. */
  readonly turn?: number;
  /** What a rollback to it restores; missing if it was never live, or nothing was recorded. */
  readonly back?: { readonly needs: readonly Resource[]; readonly units: readonly Resource[]; readonly live: LiveRecord };
  /** What was recorded when it was sent; missing if nothing was. */
  readonly facts?: ReleaseFacts;
  /** The id of the snapshot of the database that was taken before its migrations; missing if it had none. */
  readonly snapshot?: string;
}

const factsSchema = z.object({
  createdAt: z.string(),
  files: z.number(),
  /** In bytes. */
  size: z.number(),
  /** The repository's URL, or the name of the folder. */
  source: z.string(),
  ref: z.optional(z.string()),
  commit: z.optional(z.string()),
  by: z.string(),
});
/** The origin of a release, and when it was sent. */
export type ReleaseFacts = z.infer<typeof factsSchema>;

/** Returns the release to which a rollback goes: the last one that was live before the present one. */
export function previousOf(releases: readonly Release[]): Release | undefined {
  return releases.find(({ live, failed, turn }) => !live && !failed && turn !== undefined);
}

/**
 * Returns the id of the snapshot of the database as it was while `to` was live: the one before the first migration of a later release.
 * Undefined if no later release took one.
 */
export function snapshotAfter(to: Release, releases: readonly Release[]): string | undefined {
  const later = releases.filter(({ turn, snapshot }) => snapshot !== undefined && turn !== undefined && turn > (to.turn ?? 0));
  return later.toSorted((one, other) => (one.turn ?? 0) - (other.turn ?? 0))[0]?.snapshot;
}

const needSchema = z.object({
  kind: z.string(),
  id: z.string(),
  attributes: z.looseObject({}),
  notify: z.array(handlerRecord),
  remember: z.optional(z.unknown()),
});
const unitSchema = z.extend(needSchema, {
  kind: z.literal('service'),
  attributes: z.looseObject({ running: z.boolean(), enabled: z.boolean(), path: z.optional(z.string()) }),
});
const liveSchema = z.looseObject({
  state: z.literal('present'),
  release: z.string(),
  keep: z.number(),
  docroot: z.optional(z.string()),
  needs: z.optional(z.array(needSchema)),
  by: z.optional(z.looseObject({ socket: z.string(), protocol: z.optional(z.string()), docroot: z.optional(z.string()) })),
  hooks: z.optional(
    z.looseObject({
      before: z.array(z.string()),
      user: z.optional(z.string()),
      environment: z.optional(z.string()),
      sandbox: z.optional(z.array(z.string())),
    }),
  ),
});
/** The attributes of a `live` resource, as recorded on the host when the release went live. */
export type LiveRecord = z.infer<typeof liveSchema>;
const recordSchema = z.tuple([z.array(unitSchema), liveSchema]);

/**
 * Returns a script that prints the releases of these sites: the order in which they were live, and each release with its record, newest
 * first.
 */
export function releasesScript(domains: readonly string[]): Command {
  return lines(
    definitionsOf([listReleases]),
    ...domains.map((domain) => sh`list_releases ${domain} ${sitePaths(domain).home} ${recordsOf(domain)}`),
  );
}

/** Parses the output of `releasesScript`: the releases of each domain, the live one first and those that were never live last. */
export function parseReleases(output: string): ReadonlyMap<string, readonly Release[]> {
  const sites = output.split(/^#site /m).slice(1);
  return new Map(
    sites.map((text) => {
      const [head = '', ...parts] = text.split(/^#release\t/m);
      const [site = '', ...counted] = head.trimEnd().split('\n');
      const [domain = '', current = ''] = site.split('\t');
      const turns = new Map(
        counted.map((line): [string, number] => {
          const [number = '', id = ''] = line.replace(/^#turn\t/, '').split(' ');
          return [id, Number(number)];
        }),
      );
      const releases = parts.map((part) => parseRelease(part, current));
      return [domain, inOrder(turns.size > 0 ? releases.map((each) => withTurn(each, turns.get(each.id))) : byClock(releases))];
    }),
  );
}

function withTurn(release: Release, turn: number | undefined): Release {
  return turn === undefined || release.failed ? release : { ...release, turn };
}

/** Numbers the releases by their order, newest first, for a host that has no history yet. */
function byClock(releases: readonly Release[]): readonly Release[] {
  return releases.map((each, index) => withTurn(each, each.back ? releases.length - index : undefined));
}

function inOrder(releases: readonly Release[]): readonly Release[] {
  const rank = ({ live, turn }: Release) => (live ? Number.POSITIVE_INFINITY : (turn ?? Number.NEGATIVE_INFINITY));
  // The difference of two infinities is not a number.
  return releases.toSorted((one, other) => (rank(one) === rank(other) ? 0 : rank(other) - rank(one)));
}

function parseRelease(part: string, current: string): Release {
  const [line = '', record = '', factsText = ''] = part.split('\n');
  const [seconds = '', name = ''] = line.split('\t');
  const failed = name.endsWith('.failed');
  const back = recordOf(record);
  const facts = factsOf(factsText);
  const snapshot = /^#snapshot\t(\d{8}-\d{6}) /m.exec(part)?.[1];
  return {
    id: name.replace(/\.failed$/, ''),
    at: new Date(Number(seconds) * 1000),
    live: current === `releases/${name}`,
    failed,
    ...(back && { back }),
    ...(facts && { facts }),
    ...(snapshot !== undefined && { snapshot }),
  };
}

function recordOf(text: string): Release['back'] {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return undefined;
    const [units, live] = parsed.data;
    return { needs: (live.needs ?? []).map(resourceOf), units: units.map(resourceOf), live };
  } catch {
    return undefined;
  }
}

function resourceOf({ notify, ...resource }: z.infer<typeof needSchema>): Resource {
  return { ...resource, notify: notify.map(parseHandler) };
}

function factsOf(text: string): ReleaseFacts | undefined {
  try {
    return factsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
