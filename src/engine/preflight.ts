import { Problem } from '../error.ts';
import type { FactsReading, Listener } from '../facts/parse.ts';
import { effectsOf } from './effect.ts';
import type { Plan } from './plan.ts';
import type { ListenPort } from './resource.ts';

/** Throws a Problem if the run would fail on the host in its current state, so that nothing has to be rolled back. */
export function requireReady(plan: Plan, { readOnly, listeners }: Pick<FactsReading, 'readOnly' | 'listeners'>, host: string): void {
  if (plan.changes.length === 0) return;
  if (readOnly.length > 0) {
    throw new Problem({
      message: `${readOnly.join(' and ')} cannot be written to on ${host}.`,
      host,
      hint: 'A disk that failed, or a mount option, has made it read-only: see `findmnt` and `dmesg` there.',
    });
  }
  for (const change of plan.changes) {
    const [started] = effectsOf(change, 'starts');
    const holder = change.ports?.flatMap((port) => listeners.find((listener) => isTaken(port, listener)) ?? [])[0];
    if (started !== undefined && holder !== undefined) throw taken(holder, host, `${nameOf(started.unit)} could not start`);
    for (const { unit, ports } of change.reloads ?? []) {
      // A service that runs holds its ports itself. Its reload would succeed, and its log alone would say that it does not listen on the others.
      const other = listeners.find((listener) => ports.includes(listener.port) && !listener.program.startsWith(nameOf(unit)));
      if (other) throw taken(other, host, `${nameOf(unit)} could not listen there`);
    }
  }
}

function nameOf(unit: string): string {
  return unit.replace('.service', '');
}

function taken({ port, program }: Listener, host: string, consequence: string): Problem {
  const pid = /pid (\d+)/.exec(program)?.[1];
  return new Problem({
    message: `Port ${port} of ${host} is taken by ${program}, so ${consequence}.`,
    host,
    hint: `See there which service that is (\`${pid ? `systemctl status ${pid}` : `ss -ltnp sport = :${port}`}\`) and stop it for good (\`systemctl disable --now …\`), or take another host.`,
  });
}

/** Returns whether a socket prevents another program from listening on the port. */
function isTaken(desired: ListenPort, { port, reachesLoopback }: Listener): boolean {
  return typeof desired === 'number' ? desired === port : desired.port === port && reachesLoopback;
}
