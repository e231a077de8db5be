import { type Demand, type Facts, processesOf } from '../../src/index.ts';

/** MiB that a process of a common framework takes at its peak, shared opcache memory left out. */
const processMemory = 64;

/**
 * How a host's memory is shared out, in MiB: a quarter for the database's pages, half for what runs the applications, an eighth for what a
 * runtime has compiled, and the rest for the system, the page cache and everyone's overhead. What queues take is not there for requests.
 */
export function sizesOf({ memory, processors }: Pick<Facts, 'memory' | 'processors'>, demand: Demand) {
  const { queues, ...runtimes } = demand;
  const running = runningSites(demand);
  const sites = Math.max(1, running);
  const processes = clamp(Math.floor(memory / 2 / processMemory), 4, 32 * processors);
  // With one alone a site waits for itself where it asks itself for a page. That is also where small hosts give out more than they have.
  const share = Math.max(2, Math.floor((processes - queues) / sites));
  const answering = Object.entries(runtimes).reduce((sum, [name, count]) => sum + count * processesOf(name, { share, processors }), 0);
  // By fifties, since the server starts anew for another number: one worker more or less is no reason to.
  const connections = 50 * Math.ceil((2 * answering + queues + 20) / 50);
  return {
    buffer: clamp(Math.floor(memory / 4 / 64) * 64, 64, 64 * 1024),
    /** Processes that may answer the requests of one site. */
    share,
    /** Workers of a site that wait for work: two a processor for all sites together, as long as there are that many. */
    idle: clamp(Math.floor((2 * processors) / sites), 1, share),
    /** One connection a process, and as many again while a change starts a second set beside the first; twenty for everyone else. */
    connections,
    /**
     * What one account takes of them at most: every other site keeps its own, and people ten. A site has two accounts, for the socket and
     * for TCP.
     */
    account: sites === 1 ? connections - 10 : Math.floor((connections - (answering - share) - 10) / 2),
  };
}

/** Sites that have processes. */
export function runningSites({ queues: _, ...runtimes }: Demand): number {
  return Object.values(runtimes).reduce((sum, count) => sum + count, 0);
}

/** MiB that each site of a runtime may keep compiled. */
export function compiledOf({ memory }: Pick<Facts, 'memory'>, sites = 0): number {
  return clamp(Math.floor(memory / 8 / Math.max(1, sites)), 32, 128);
}

/** Processes and threads that a site may have: twice what can answer for it at most, for what these start, and what runs beside it. */
export function tasksOf({ processors }: Pick<Facts, 'processors'>): number {
  return 1024 + 64 * processors;
}

/** MiB of swap; with 2 GiB of memory and more a host does without. */
export function swapOf({ memory }: Pick<Facts, 'memory'>): number {
  return memory < 2048 ? 1024 : 0;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
