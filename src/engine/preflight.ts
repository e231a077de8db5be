import { Problem } from '../error.ts';
import type { FactsReading } from '../facts/parse.ts';
import { effectsOf } from './effect.ts';
import type { Plan } from './plan.ts';

/** Throws a Problem if the run would fail on the host in its current state, so that nothing has to be rolled back. */
export function requireReady(plan: Plan, { readOnly, portHolders }: Pick<FactsReading, 'readOnly' | 'portHolders'>, host: string): void {
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
    const port = change.ports?.find((each) => portHolders.has(each));
    if (started === undefined || port === undefined) continue;
    const pid = /pid (\d+)/.exec(portHolders.get(port) ?? '')?.[1];
    throw new Problem({
      message: `Port ${port} of ${host} is taken by ${portHolders.get(port)}, so ${started.unit.replace('.service', '')} could not start.`,
      host,
      hint: `See there which service that is (\`${pid ? `systemctl status ${pid}` : `ss -ltnp sport = :${port}`}\`) and stop it for good (\`systemctl disable --now …\`), or take another host.`,
    });
  }
}
