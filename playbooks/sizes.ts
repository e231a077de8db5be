import type { Facts } from '../src/index.ts';

/** MiB that a PHP worker of a common framework takes at its peak, shared opcache memory left out. */
const workerMemory = 64;

/**
 * How a host's memory is shared out, in MiB: a quarter for the database's pages, half for PHP's workers,
 * and the rest for the system, the page cache and everyone's overhead.
 */
export function sizesOf({ memory, processors }: Pick<Facts, 'memory' | 'processors'>, sites = 1) {
  const buffer = clamp(Math.floor(memory / 4 / 64) * 64, 64, 64 * 1024);
  const workers = clamp(Math.floor(memory / 2 / workerMemory), 4, 32 * processors);
  const children = Math.max(2, Math.floor(workers / sites));
  return {
    buffer,
    children,
    /** Workers that wait for work: two a processor, as long as there are that many. */
    idle: Math.min(children, 2 * processors),
    /** One connection a worker, twenty for everyone else. */
    connections: Math.max(workers, children * sites) + 20,
    opcache: memory < 1024 ? 64 : 128,
    /** MiB of swap; with 2 GiB of memory and more a host does without. */
    swap: memory < 2048 ? 1024 : 0,
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
