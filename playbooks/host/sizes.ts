import type { Demand, Facts } from '../../src/index.ts';

/** MiB that a process of a common framework takes at its peak, shared opcache memory left out. */
const processMemory = 64;

/**
 * How a host's memory is shared out, in MiB: a quarter for the database's pages, half for what runs the applications, an eighth for compiled PHP,
 * and the rest for the system, the page cache and everyone's overhead. What queues take is not there for requests.
 */
export function sizesOf({ memory, processors }: Pick<Facts, 'memory' | 'processors'>, { php, python, queues }: Demand) {
  const sites = Math.max(1, php + python);
  const processes = clamp(Math.floor(memory / 2 / processMemory), 4, 32 * processors);
  // With one alone a site waits for itself where it asks itself for a page. That is also where small hosts give out more than they have.
  const share = Math.max(2, Math.floor((processes - queues) / sites));
  // Gunicorn's own advice: twice the processors and one.
  const gunicorn = Math.min(share, 2 * processors + 1);
  const answering = php * share + python * gunicorn;
  // By fifties, since the server starts anew for another number: one worker more or less is no reason to.
  const connections = 50 * Math.ceil((2 * answering + queues + 20) / 50);
  return {
    buffer: clamp(Math.floor(memory / 4 / 64) * 64, 64, 64 * 1024),
    /** Processes that answer the requests of one site. */
    children: share,
    gunicorn,
    /** Workers of a site that wait for work: two a processor for all sites together, as long as there are that many. */
    idle: clamp(Math.floor((2 * processors) / sites), 1, share),
    /** One connection a process, and as many again while a change starts a second set beside the first; twenty for everyone else. */
    connections,
    /** What one account takes of them at most: every other site keeps its own, and people ten. A site has two accounts, for the socket and for TCP. */
    account: sites === 1 ? connections - 10 : Math.floor((connections - (answering - share) - 10) / 2),
    opcache: clamp(Math.floor(memory / 8 / Math.max(1, php)), 32, 128),
  };
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
