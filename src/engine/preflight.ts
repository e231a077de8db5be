import { Problem } from '../error.ts';
import type { FactsReading } from '../facts/parse.ts';
import { effectsOf } from './effect.ts';
import type { Plan } from './plan.ts';

/** Throws a Problem where the host, as it is, would let the run fail halfway: better told before than undone after. */
export function requireReady(plan: Plan, { readOnly, occupants }: Pick<FactsReading, 'readOnly' | 'occupants'>, host: string): void {
  if (plan.changes.length === 0) return;
  if (readOnly.length > 0) {
    throw new Problem({
      message: `${readOnly.join(' and ')} cannot be written to on ${host}.`,
      host,
      hint: 'A disk that failed, or a mount option, has made it read-only: see `findmnt` and `dmesg` there. Nothing was changed.',
    });
  }
  for (const { unit, ports } of listeners) {
    if (!plan.changes.some((change) => effectsOf(change, 'starts').some((each) => each.unit === unit))) continue;
    const port = ports.find((each) => occupants.has(each) && (each !== 443 || wantsHttps(plan)));
    if (port === undefined) continue;
    const pid = /pid (\d+)/.exec(occupants.get(port) ?? '')?.[1];
    throw new Problem({
      message: `Port ${port} of ${host} is taken by ${occupants.get(port)}, so ${unit.replace('.service', '')} could not start.`,
      host,
      hint: `See there which service that is (\`${pid ? `systemctl status ${pid}` : `ss -ltnp sport = :${port}`}\`) and stop it for good (\`systemctl disable --now …\`), or take another host. Nothing was changed.`,
    });
  }
}

const listeners = [
  { unit: 'nginx.service', ports: [80, 443] },
  { unit: 'mariadb.service', ports: [3306] },
  { unit: 'mysql.service', ports: [3306] },
];

function wantsHttps({ changes }: Plan): boolean {
  return changes.some((change) => effectsOf(change, 'writes').some(({ content }) => /^\s*listen 443\b/m.test(content.after)));
}
