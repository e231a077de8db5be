import { type Demand, type Facts, processesOf } from '../../src/index.ts';

/** The peak memory in MiB of a process of a common framework, without shared opcache memory. */
const processMemory = 64;

/**
 * Divides a host's memory, in MiB: a quarter for the database's buffer, half for the processes of applications, an eighth for compiled
 * code, and the rest for the system, the page cache and overhead. Queue workers reduce the number of processes for requests.
 */
export function sizesOf({ memory, processors }: Pick<Facts, 'memory' | 'processors'>, demand: Demand) {
  const { queues, ...runtimes } = demand;
  const running = runningSites(demand);
  const sites = Math.max(1, running);
  const processes = clamp(Math.floor(memory / 2 / processMemory), 4, 32 * processors);
  // With only one process, a site that requests one of its own pages would wait for itself. On small hosts this can exceed the available
  // memory.
  const share = Math.max(2, Math.floor((processes - queues) / sites));
  const answering = Object.entries(runtimes).reduce((sum, [name, count]) => sum + count * processesOf(name, { share, processors }), 0);
  // In steps of fifty: one worker more or less does not change the server's settings.
  const connections = 50 * Math.ceil((2 * answering + queues + 20) / 50);
  return {
    buffer: clamp(Math.floor(memory / 4 / 64) * 64, 64, 64 * 1024),
    /** Processes that may answer the requests of one site. */
    share,
    /** Idle workers of a site: two per processor for all sites together, and at least one for each site. */
    idle: clamp(Math.floor((2 * processors) / sites), 1, share),
    /**
     * One connection per process, and the same again for a second set that starts beside the first during a change; twenty for everything
     * else.
     */
    connections,
    /**
     * The maximum number of connections of one account. It leaves enough for every other site, and ten for people. A site has two accounts,
     * one for the socket and one for TCP.
     */
    connectionsPerAccount: sites === 1 ? connections - 10 : Math.floor((connections - (answering - share) - 10) / 2),
  };
}

/** Returns the number of sites that have processes. */
export function runningSites({ queues: _, ...runtimes }: Demand): number {
  return Object.values(runtimes).reduce((sum, count) => sum + count, 0);
}

/** Returns the MiB of compiled code that each site of a runtime may cache. */
export function compiledOf({ memory }: Pick<Facts, 'memory'>, sites = 0): number {
  return clamp(Math.floor(memory / 8 / Math.max(1, sites)), 32, 128);
}

/**
 * Returns the maximum number of processes and threads of a site: twice the largest number of its workers, and 1024 more for child processes
 * and background jobs.
 */
export function tasksOf({ processors }: Pick<Facts, 'processors'>): number {
  return 1024 + 64 * processors;
}

/** Returns the MiB of swap; a host with 2 GiB of memory or more gets none. */
export function swapOf({ memory }: Pick<Facts, 'memory'>): number {
  return memory < 2048 ? 1024 : 0;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
