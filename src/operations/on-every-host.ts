import type { Context } from './session.ts';

/**
 * Does one phase of an operation on every host at the same time. Resolves to the results in the order of the hosts when all of them are
 * done, so that no host begins the next phase before. If a host fails, the signal stops the others, and the first failure is thrown when
 * all have ended.
 */
export async function onEveryHost<Item extends object, Done>(
  items: readonly Item[],
  context: Context,
  phase: (item: Item, context: Context) => Promise<Done>,
): Promise<readonly Done[]> {
  const [only, ...others] = items;
  // A single host does not wait.
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
