import { alternativesOf, escaped, withoutGroups } from '../routing/pattern.ts';
import type { Directive } from './parse.ts';

/** Conditions of a rule, as far as they are understood. */
export interface Conditions {
  readonly noFile: boolean;
  /** Looks at the address before the rule does: `(?!/api/)`. */
  readonly looks: string;
  /** The pattern whose groups are `%1` and so on. */
  readonly groups?: string;
}

/** `covered` is what Nginx or this program does anyway. */
export type Understood = Conditions | 'covered' | 'files pass' | 'not understood';

/** What the conditions before a rule say. The rule `passes` where it ends the rules and changes nothing. */
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
      // With `=` it is no pattern.
      const pattern = stated.startsWith('=') ? `^${escaped(stated.slice(1))}$` : stated;
      if (pattern === '' || /NC/i.test(options)) return 'not understood';
      // A script that was reached is not asked again here.
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
