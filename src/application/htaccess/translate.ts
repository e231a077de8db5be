import { type Access, accessOf } from './access.ts';
import { isThere } from './known.ts';
import { type Meaning, meaningsOf } from './meaning.ts';
import type { Directive } from './parse.ts';
import { type Rewriting, rewriting } from './rewrite.ts';

/** What one `.htaccess` means, for the address of its folder. */
export interface Translation {
  /** `/` or `/blog/`. */
  readonly at: string;
  /** Who may have what is in the folder; undefined where that is as above it. */
  readonly access: Access | undefined;
  readonly rewriting: Rewriting;
  readonly meanings: readonly Meaning[];
  /** What has no counterpart, in its order. */
  readonly unread: readonly Directive[];
}

/** Translates the directives of a `.htaccess` whose folder has this address. */
export function translate(directives: readonly Directive[], at: string): Translation {
  const flat = flattened(directives);
  const isRewriting = ({ name }: Directive) => name.startsWith('rewrite') && name !== 'rewritemap';
  const isOn = flat.some(({ name, words }) => name === 'rewriteengine' && words[0]?.toLowerCase() === 'on');
  const rewritten = rewriting(isOn ? flat.filter(isRewriting) : [], at);
  const found = flat
    .filter((directive) => !isRewriting(directive))
    .map((directive) => ({ directive, meanings: meaningsOf(directive, at) }));
  const access = accessOf(flat);
  const unread = [
    ...rewritten.unread,
    ...found.flatMap(({ directive, meanings }) => (meanings === undefined ? [directive] : [])),
    // Whom it lets in, only Apache knows; the folder is closed, and the plan says so.
    ...(access === 'some' ? flat.filter(({ name }) => /^(?:require|allow)$/.test(name)) : []),
  ];
  return {
    at,
    access,
    rewriting: rewritten,
    meanings: found.flatMap(({ meanings }) => meanings ?? []),
    unread: unread.sort((one, other) => one.line - other.line),
  };
}

/** Without the sections that only ask whether a module is there. */
function flattened(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap((directive) => {
    if (directive.name === '<ifmodule') return isThere(directive.words[0] ?? '') ? flattened(directive.inside) : [];
    if (directive.name === '<ifversion') return /^<=?$|^!/.test(directive.words[0] ?? '') ? [] : flattened(directive.inside);
    if (directive.name === '<ifdefine') return [];
    return [directive.inside.length > 0 ? { ...directive, inside: flattened(directive.inside) } : directive];
  });
}
