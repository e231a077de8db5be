import { setTimeout as sleep } from 'node:timers/promises';
import {
  codeOf,
  defineCheck,
  type Explained,
  type HealthContext,
  notRunning,
  oneLine,
  openStream,
  reason,
  type Site,
  sh,
} from '../../src/index.ts';
import { workerSocket } from './worker-socket.ts';

/** A program that answers an address of a site: it must speak HTTP at its socket or port. */
export interface ProgramCheck extends Explained {
  readonly name: string;
  readonly to: { readonly socket: string } | { readonly port: number };
  readonly host: string;
  readonly path: string;
}

/** A deploy restarts workers, so the check retries at this interval, for this time, until the worker listens. */
const [pauseMs, startMs] = [250, 5000];

export const programCheck = defineCheck<ProgramCheck>({
  hop: 'program',
  place: 'runtime',
  ask: async ({ name, to, host, path }, { transport }, signal) => {
    const stream = await openWithRetries(to, transport, signal);
    stream.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of stream) {
      text += String(chunk);
      if (text.includes('\n')) break;
    }
    const [, status] = /^HTTP\/1\.[01] (\d{3})\b/.exec(text) ?? [];
    const place = placeOf(to);
    if (status === undefined)
      return {
        ok: false,
        detail: `${name} does not answer ${path} with HTTP at ${place}: ${oneLine(text, 80) || 'it closed the connection'}`,
      };
    return {
      ok: true,
      detail: `${name} answers ${path} with ${status} at ${place}`,
      ...(Number(status) >= 500 && { warning: `See why ${name} fails.` }),
    };
  },
  failure: ({ name, to }, _, error) => `${name}: ${reason(error, placeOf(to), { refused: notRunning, late: 'the program hangs' })}`,
});

/** Returns a check of each program that answers addresses of the site. */
export function programChecks(site: Site) {
  const [host = site.domain] = site.names;
  return (site.web.proxy ?? []).map(({ path, to }) => {
    if (to.kind === 'port') return programCheck({ name: `the program on port ${to.port}`, to: { port: to.port }, host, path });
    const listens = site.workers[to.name]?.listens;
    return programCheck({
      name: `the worker ${to.name}`,
      to: listens?.kind === 'port' ? { port: listens.port } : { socket: workerSocket(site, to.name).path },
      host,
      path,
      log: sh`journalctl --no-pager -o cat -n 10 -u ${`${site.domain}-${to.name}@1.service`}`,
    });
  });
}

async function openWithRetries(to: ProgramCheck['to'], transport: HealthContext['transport'], signal: AbortSignal) {
  for (const started = performance.now(); ; ) {
    try {
      return await openStream(transport, to, signal);
    } catch (error) {
      const isMissing = ['unconnected', 'ECONNREFUSED', 'ENOENT'].includes(String(codeOf(error)));
      if (!isMissing || performance.now() - started > startMs) throw error;
      await sleep(pauseMs, undefined, { signal });
    }
  }
}

function placeOf(to: ProgramCheck['to']): string {
  return 'port' in to ? `port ${to.port}` : to.socket;
}
