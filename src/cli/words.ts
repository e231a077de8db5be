import { Problem } from '../error.ts';

/** What may follow the target of a command. */
export interface WordsOf {
  /** The first of these words. */
  readonly first: readonly string[];
  /** The words as the help shows them: `on|off`. */
  readonly usage: string;
  /** What each word does, for the help. */
  readonly about?: string;
  /** True if the words may be left out. */
  readonly optional?: boolean;
}

/**
 * Returns the target, if the command line names one, and the words that follow it. Throws a usage `Problem` if the word that is needed is
 * missing.
 */
export function wordsAfterTarget(
  typed: readonly string[],
  command: string,
  { first, usage, optional = false }: WordsOf,
): { readonly target: readonly string[]; readonly words: readonly string[] } {
  const at = typed.slice(0, 2).findIndex((word) => first.includes(word));
  if (at >= 0) return { target: typed.slice(0, at), words: typed.slice(at) };
  if (optional) return { target: typed, words: [] };
  const given = typed.length > 0 ? `, not ${typed.join(' ')}` : '';
  throw new Problem({
    message: `${command} needs one of ${first.join(', ')}${given}.`,
    hint: `foobar-provision ${command} [TARGET] ${usage}`,
  });
}
