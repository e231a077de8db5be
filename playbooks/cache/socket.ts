import type { Site } from '../../src/index.ts';

/** Returns the unit of a site's cache, its folder below `/run`, and its socket. */
export function cacheOf({ domain }: Pick<Site, 'domain'>) {
  const folder = `valkey-${domain}`;
  return { unit: `${folder}.service`, folder, socket: `/run/${folder}/valkey.sock` } as const;
}

/** Returns the environment variables for the cache that Laravel and WordPress's plug-ins read; other programs use the URL. */
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
    // Laravel would misread its parts as host and port.
    ...(site.runtime.kind === 'php' ? {} : { REDIS_URL: `unix://${socket}` }),
    ...(site.cache.sessions && { SESSION_DRIVER: 'redis' }),
  };
}

/** Returns PHP's settings for sessions in the cache. */
export function sessionSettings(site: Site): Record<string, string> {
  return site.cache?.sessions ? { 'session.save_handler': 'redis', 'session.save_path': `unix://${cacheOf(site).socket}` } : {};
}
