import { alternativesOf, escaped, withoutGroups } from '../routing/pattern.ts';
import type { Directive } from './parse.ts';

/** The conditions of a rule that are understood. */
export interface Conditions {
  readonly noFile: boolean;
  /** Lookaheads that are tested on the address before the rule: `(?!/api/)`. */
  readonly looks: string;
  /** The pattern whose groups `%1` and so on refer to. */
  readonly groups?: string;
}

/** `covered` means that Nginx or this program does it anyway, and `files pass` that the later rules do not apply to files. */
export type Understood = Conditions | 'covered' | 'files pass' | 'not understood';

/** Interprets the conditions before a rule. `passes` says that the rule ends the processing without a change. */
export function conditionsOf(conditions: readonly Directive[], passes: boolean): Understood {
  let [noFile, isFile, looks, groups]: [boolean, boolean, string, string | undefined] = [false, false, '', undefined];
  for (const { words } of conditions) {
    const [subject = '', test = '', options = ''] = words;
    if (/^%\{(?:REQUEST_FILENAME|SCRIPT_FILENAME)\}$|^%\{DOCUMENT_ROOT\}(?:%\{REQUEST_URI\}|\/\$1)$/i.test(subject)) {
      if (/^!-[fdlsFU]$/.test(test)) noFile = true;
      else if (/^-[fdlsFU]$/.test(test) && passes) isFile = true;
      else return 'not understood';
    } else if (/^%\{REQUEST_URI\}$/i.test(subject) && !/\bOR\b/i.test(options)) {
      const negated = test.startsWith('!');
      const stated = test.replace(/^!/, '');
      // After `=` it is literal text.
      const pattern = stated.startsWith('=') ? `^${escaped(stated.slice(1))}$` : stated;
      if (pattern === '' || /NC/i.test(options)) return 'not understood';
      // Nginx does not process the rules again for a script that was reached.
      if (negated && /^\^?\/?[\w/]*index\\?\.php/.test(pattern)) continue;
      looks += `(?${negated ? '!' : '='}${looked(pattern)})`;
      if (!negated) groups = pattern;
    } else return 'not understood';
  }
  if (isFile) return noFile || looks !== '' ? 'not understood' : 'files pass';
  return { noFile, looks, ...(groups !== undefined && { groups }) };
}

function looked(pattern: string): string {
  const parts = alternativesOf(withoutGroups(pattern)).map((part) =>
    part.startsWith('^') ? part.slice(1) : part.startsWith('.*') ? part : `.*${part}`,
  );
  return parts.length === 1 ? (parts[0] ?? '') : `(?:${parts.join('|')})`;
}
