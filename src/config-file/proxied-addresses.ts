import type { ProxiedAddress, Site } from '../config/config.ts';
import { Problem } from '../error.ts';
import type { UserSite } from './define.ts';

/** Returns the workers. One that `web.proxy` refers to listens on its port, or else on a socket. */
export function workersOf({ workers = {}, web }: UserSite): Site['workers'] {
  const proxied = new Set(Object.values(web?.proxy ?? {}).flatMap((to) => (typeof to === 'string' ? [workerIn(to)] : [])));
  return Object.fromEntries(
    Object.entries(workers).map(([name, { command, count = 1, port }]) => {
      const listens =
        port !== undefined ? ({ kind: 'port', port } as const) : proxied.has(name) ? ({ kind: 'socket' } as const) : undefined;
      if (listens && count > 1)
        throw new Problem({
          message: `workers.${name} has a count of ${count}, but only one process can listen on its ${listens.kind}.`,
          hint: 'Leave count out, and have the program itself start more processes.',
        });
      return [name, { command, count, ...(listens && { listens }) }];
    }),
  );
}

/** Returns the addresses that workers and ports answer, the longest first. */
export function proxiedAddressesOf({ workers = {}, web }: UserSite): readonly ProxiedAddress[] {
  return Object.entries(web?.proxy ?? {})
    .map(([address, to]): ProxiedAddress => {
      const path = address.replace(/\/$/, '');
      if (typeof to === 'number') return { path, to: { kind: 'port', port: to } };
      const name = workerIn(to);
      if (!(name in workers))
        throw new Problem({
          message: `web.proxy.${address} leads to the worker ${name}, which workers does not have.`,
          hint: `Add it: workers: { ${name}: { command: '…' } }.`,
        });
      return { path, to: { kind: 'worker', name } };
    })
    .sort((one, other) => other.path.length - one.path.length);
}

function workerIn(to: string): string {
  return to.replace(/^worker:/, '');
}

/** Throws a Problem if two workers of a host would listen on the same port. */
export function requireOwnPorts(sites: readonly Site[]): void {
  const taken = new Map<number, string>();
  for (const { domain, workers } of sites) {
    for (const [name, { listens }] of Object.entries(workers)) {
      if (listens?.kind !== 'port') continue;
      const other = taken.get(listens.port);
      if (other !== undefined)
        throw new Problem({
          message: `${other} and the worker ${name} of ${domain} have the same port, ${listens.port}.`,
          hint: 'Give one of them another port, or none: then it listens on a socket of its own, which SOCKET names.',
        });
      taken.set(listens.port, `The worker ${name} of ${domain}`);
    }
  }
}
