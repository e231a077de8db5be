import type { Rolldown } from 'tsdown';

const name = '\0absent';

/**
 * Replaces modules that are not needed with one that throws. ssh2 works without its compiled ones if requiring them fails, so one build runs on every machine, and
 * behaves the same whether or not the build machine could compile them.
 */
export function absent(parts: RegExp): Rolldown.Plugin {
  return {
    name: 'absent',
    resolveId: { filter: { id: parts }, handler: () => name },
    load: { filter: { id: /^\0absent$/ }, handler: () => ({ code: "throw new Error('not in this build');", moduleType: 'js' }) },
  };
}
