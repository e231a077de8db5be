import type { Context } from './session.ts';

/**
 * Does one phase of an operation on every host at the same time. Resolves, in the order of the hosts, once it is done on all of them, so that no host
 * begins the next phase before. Where it fails on one, the signal tells the others to stop; once all have ended, the first failure is thrown.
 */
export async function everywhere<Item extends object, Done>(
  items: readonly Item[],
  context: Context,
  phase: (item: Item, context: Context) => Promise<Done>,
): Promise<readonly Done[]> {
  const [only, ...others] = items;
  // One host waits for nobody.
  if (only && others.length === 0) return [await phase(only, context)];
  const stop = new AbortController();
  const shared = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
  const failures: { readonly error: unknown }[] = [];
  const ended = await Promise.all(
    items.map(async (item): Promise<readonly Done[]> => {
      try {
        return [await phase(item, shared)];
      } catch (error) {
        failures.push({ error });
        stop.abort();
        return [];
      }
    }),
  );
  const [first] = failures;
  if (first) throw first.error;
  return ended.flat(1);
}
