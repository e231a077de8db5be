import type { Site } from '../../src/index.ts';

/** Returns the socket of a worker without a port, and the socket's folder below `/run`. */
export function workerSocket({ domain }: Pick<Site, 'domain'>, name: string) {
  const folder = `worker-${domain}-${name}`;
  return { folder, path: `/run/${folder}/http.sock` } as const;
}
