import { z } from 'zod/mini';
import { Problem } from '../../error.ts';

const siteSchema = z.looseObject({ domain: z.optional(z.string()), app: z.optional(z.looseObject({})) });
const schema = z.object({
  config: z.looseObject({
    ...siteSchema.shape,
    name: z.string(),
    sites: z.optional(z.array(siteSchema)),
    backups: z.looseObject({}),
  }),
  /** The domains of the sites, in their order, as the host has them: without `www.`. */
  domains: z.array(z.string()),
  hasPlaybooks: z.boolean(),
});

/** The configuration in a backup, with the names of secrets in the place of their values. */
export type StoredConfig = z.infer<typeof schema>;
type StoredSite = z.infer<typeof siteSchema>;

/** Reads the configuration in a backup. Throws a Problem if it has none. */
export function parseStoredConfig(text: string, id: string): StoredConfig {
  const { data } = schema.safeParse(jsonOf(text));
  if (data) return data;
  throw new Problem({
    message: `The backup ${id} has no configuration, because an older version of this program made it.`,
    hint: 'Set the host up with your configuration, then run: foobar-provision backup restore. See docs/backups.md, "On another host".',
  });
}

/** Returns the sites of the configuration, which are itself or those in its list, with their domains. */
export function storedSites({ config, domains }: StoredConfig): readonly { readonly domain: string; readonly site: StoredSite }[] {
  return (config.sites ?? [config]).map((site, index) => ({ domain: domains[index] ?? '', site }));
}

/** Returns the names of the secrets in the configuration. */
export function secretsIn(value: unknown): readonly string[] {
  const name = referenceIn(value);
  if (name !== undefined) return [name];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}

/**
 * Returns the configuration for another host: with the values of its secrets, with each application in a folder of this machine, already built, and
 * with the address of the repository. Leaves out sites without a folder.
 */
export function recoveredConfig(
  stored: StoredConfig,
  values: ReadonlyMap<string, string>,
  folderOf: (domain: string) => string | undefined,
  to: string,
): Readonly<Record<string, unknown>> {
  const { config } = stored;
  const sites = storedSites(stored).flatMap(({ domain, site }) => {
    const { build: _, ...app } = site.app ?? {};
    const source = folderOf(domain);
    return source === undefined ? [] : [{ ...site, app: { ...app, source } }];
  });
  return withValues({ ...config, ...(config.sites ? { sites } : sites[0]), backups: { ...config.backups, to } }, values);
}

function withValues<T>(value: T, values: ReadonlyMap<string, string>): T;
function withValues(value: unknown, values: ReadonlyMap<string, string>): unknown {
  const name = referenceIn(value);
  if (name !== undefined) return values.get(name) ?? '';
  if (Array.isArray(value)) return value.map((each) => withValues(each, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withValues(each, values)]));
}

function referenceIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1 || !('$secret' in value)) return undefined;
  return typeof value.$secret === 'string' ? value.$secret : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
