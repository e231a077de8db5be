import { type Facts, type Site, storedVersion } from '../../src/index.ts';

/**
 * Returns the lines of a unit that read the variables which are stored on the host. They follow those of the configuration, which they
 * replace. It is empty if there are none.
 */
export function storedLine({ domain }: Site, { stored }: Facts): string {
  const version = stored?.[domain]?.version;
  return version === undefined ? '' : `# Stored with \`foobar-provision env set\`.\nEnvironmentFile=${storedVersion(domain, version)}`;
}

/** Returns the same as properties for systemd-run(1). */
export function storedProperties(site: Site, facts: Facts): readonly string[] {
  return storedLine(site, facts)
    .split('\n')
    .filter((line) => line.startsWith('EnvironmentFile='));
}

/** Returns the names of these variables. */
export function storedNames({ domain }: Site, { stored }: Facts): readonly string[] {
  return stored?.[domain]?.names ?? [];
}
