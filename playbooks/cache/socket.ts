import type { Site } from '../../src/index.ts';

/** Where a site's cache answers, and the unit that does. */
export function cacheOf({ domain }: Pick<Site, 'domain'>) {
  const folder = `valkey-${domain}`;
  return { unit: `${folder}.service`, folder, socket: `/run/${folder}/valkey.sock` } as const;
}

/** The cache under the names that Laravel and WordPress's plug-ins read; other programs take a URL. */
export function cacheEnvironment(site: Site): Record<string, string> {
  if (!site.cache) return {};
  const { socket } = cacheOf(site);
  return {
    REDIS_SOCKET: socket,
    REDIS_HOST: socket,
    REDIS_PORT: '0',
    REDIS_CLIENT: 'phpredis',
    CACHE_STORE: 'redis',
    CACHE_DRIVER: 'redis',
    WP_REDIS_CLIENT: 'phpredis',
    WP_REDIS_SCHEME: 'unix',
    WP_REDIS_PATH: socket,
    // Laravel would take its parts for host and port.
    ...(site.runtime.kind === 'php' ? {} : { REDIS_URL: `unix://${socket}` }),
    ...(site.cache.sessions && { SESSION_DRIVER: 'redis' }),
  };
}

/** PHP's settings for sessions that are kept in the cache. */
export function sessionSettings(site: Site): Record<string, string> {
  return site.cache?.sessions ? { 'session.save_handler': 'redis', 'session.save_path': `unix://${cacheOf(site).socket}` } : {};
}
