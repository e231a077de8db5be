import type { Routing } from '../../src/index.ts';

/** What is tried last for an address that is no file: one script, our own routes, or what the runtime has for it (`otherwise`). */
export function fallbackOf({ routes }: Routing, otherwise: string): string {
  const [first, ...rest] = routes.filter(({ for: which }) => which === 'no file');
  if (first === undefined) return otherwise;
  return rest.length === 0 && first.kind === 'rewrite' && first.from === '^/' && !/[?$]/.test(first.to)
    ? `${first.to}$is_args$args`
    : '@front';
}
