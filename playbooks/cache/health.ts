import { defineCheck, type Explained, notRunning, oneLine, openStream, reason } from '../../src/index.ts';

/** Checks that the cache at `socket` reports its state. */
export interface ValkeyCheck extends Explained {
  readonly socket: string;
}

export const valkeyCheck = defineCheck<ValkeyCheck>({
  hop: 'cache',
  place: 'data',
  ask: async ({ socket }, { transport }, signal) => {
    const stream = await openStream(transport, { socket }, signal);
    stream.write('INFO\r\n');
    let text = '';
    for await (const chunk of stream) {
      text += String(chunk);
      if (isWhole(text)) break;
    }
    const field = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(text)?.[1]?.trim();
    const version = field('valkey_version') ?? field('redis_version');
    const used = field('used_memory_human');
    if (version === undefined || used === undefined) return { ok: false, detail: `unexpected answer from ${socket}: ${oneLine(text)}` };
    const [hits, misses] = [Number(field('keyspace_hits')), Number(field('keyspace_misses'))];
    const rate = hits + misses === 0 ? 'not read yet' : `${Math.floor((100 * hits) / (hits + misses))} % hits`;
    const name = field('valkey_version') === undefined ? 'Redis' : 'Valkey';
    return { ok: true, detail: oneLine(`${name} ${version}, ${used} of ${field('maxmemory_human')}, ${rate}`) };
  },
  failure: ({ socket }, _, error) => reason(error, socket, { refused: notRunning, late: 'it is stopped, or out of memory' }),
});

/** Returns whether a complete bulk string (`$` and its length, then the text) or an error (`-`) has arrived. */
function isWhole(text: string): boolean {
  if (!text.includes('\r\n')) return false;
  const length = /^\$(\d+)\r\n/.exec(text)?.[1];
  return length === undefined || text.length >= Number(length) + length.length + 3;
}
