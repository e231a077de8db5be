import type { Rolldown } from 'tsdown';

const name = '\0absent';

/**
 * Puts a module that throws in the place of compiled parts. ssh2 does without them where requiring them fails:
 * so one build serves every machine, and behaves the same whether or not the builder's machine could compile.
 */
export function absent(parts: RegExp): Rolldown.Plugin {
  return {
    name: 'absent',
    resolveId: { filter: { id: parts }, handler: () => name },
    load: { filter: { id: /^\0absent$/ }, handler: () => ({ code: "throw new Error('not in this build');", moduleType: 'js' }) },
  };
}
