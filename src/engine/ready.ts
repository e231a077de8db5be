import { Problem } from '../error.ts';
import type { FactsReading } from './facts-reading.ts';
import type { Plan } from './plan.ts';

/** Throws a Problem where the host, as it is, would let the run fail halfway: better told before than undone after. */
export function requireReady(plan: Plan, { readOnly, occupant }: Pick<FactsReading, 'readOnly' | 'occupant'>, host: string): void {
  if (plan.changes.length === 0) return;
  if (readOnly.length > 0) {
    throw new Problem({
      message: `${readOnly.join(' and ')} cannot be written to on ${host}.`,
      host,
      hint: 'A disk that failed, or a mount option, has made it read-only: see `findmnt` and `dmesg` there. Nothing was changed.',
    });
  }
  if (occupant && plan.changes.some(({ starts }) => starts === 'nginx.service')) {
    throw new Problem({
      message: `Port 80 of ${host} is taken by ${occupant}, so nginx could not start.`,
      host,
      hint: `Stop it for good (\`systemctl disable --now ${occupant.split(' ')[0]}\`), or take another host. Nothing was changed.`,
    });
  }
}
