import type { Config } from '../config/config.ts';
import { Problem } from '../error.ts';
import { sourcesOf } from './arrival.ts';
import type { Survey } from './host.ts';
import type { Plan } from './plan.ts';

/**
 * A package takes up to six times the size of its archive once it is installed, and as much as five times that size below /var: the archive,
 * the package manager's indexes, and the data that a database lays out at its first start. Measured on the whole stack:
 * 66 MB of archives, 374 MB in /usr, 330 MB in /var.
 */
const factors = { '/usr': 6, '/var/lib': 5 } as const;

/** Megabytes that stay free for everything else. */
const margin = 50;

/** Throws a Problem where a file system has less room than the plan takes: a disk that fills up halfway leaves packages half installed. */
export function requireSpace(plan: Plan, config: Config, { space }: Pick<Survey, 'space'>, host: string): void {
  const short = [...wanted(plan, config, space)].flatMap(([mount, megabytes]) => {
    const free = ((space.get(mount) ?? 0) * 1024) / 1e6;
    return free < megabytes + margin
      ? [`${mount} has ${Math.floor(free)} MB free and needs about ${Math.ceil(megabytes + margin)} MB`]
      : [];
  });
  if (short.length === 0) return;
  throw new Problem({
    message: `There is too little space on ${host}: ${short.join('; ')}.`,
    hint: 'Make room there (`apt-get clean` and `journalctl --vacuum-size=50M` often help) or give it a larger disk, then run again. Nothing was changed.',
    host,
  });
}

/** Megabytes that the plan takes, by file system. */
function wanted(plan: Plan, config: Config, space: Survey['space']): ReadonlyMap<string, number> {
  const needs = new Map<string, number>();
  const need = (path: string, bytes: number) => {
    const mount = mountOf(path, space);
    if (mount !== undefined && bytes > 0) needs.set(mount, (needs.get(mount) ?? 0) + bytes / 1e6);
  };
  const archives = plan.changes.find(({ fetch }) => fetch)?.fetch?.bytes ?? 0;
  for (const [path, factor] of Object.entries(factors)) need(path, archives * factor);
  for (const { source, base } of sourcesOf(plan, config)) {
    // Of a release that is there, most is linked; what little comes is not known yet.
    const size = base ? 0 : source.size;
    // What is sent arrives below /var/lib, and moves.
    need('/srv', size);
    if (mountOf('/srv', space) !== mountOf('/var/lib', space)) need('/var/lib', size);
  }
  return needs;
}

/** The file system that a path is on; undefined where the host did not tell. */
function mountOf(path: string, space: Survey['space']): string | undefined {
  return [...space.keys()]
    .filter((mount) => mount === '/' || path === mount || path.startsWith(`${mount}/`))
    .sort((one, other) => other.length - one.length)[0];
}
