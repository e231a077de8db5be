import type { Routing } from '../../src/index.ts';

/**
 * Returns what is tried last for an address that is not a file: a single script, the site's routes, or the runtime's default (`otherwise`).
 */
export function fallbackOf({ routes }: Routing, otherwise: string): string {
  const [first, ...rest] = routes.filter(({ for: which }) => which === 'no file');
  if (first === undefined) return otherwise;
  return rest.length === 0 && first.kind === 'rewrite' && first.from === '^/' && !/[?$]/.test(first.to)
    ? `${first.to}$is_args$args`
    : '@front';
}
