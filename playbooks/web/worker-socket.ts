import type { Site } from '../../src/index.ts';

/** Where a worker answers that has no port: its folder below `/run`, and the socket in it. */
export function workerSocket({ domain }: Pick<Site, 'domain'>, name: string) {
  const folder = `worker-${domain}-${name}`;
  return { folder, path: `/run/${folder}/http.sock` } as const;
}
