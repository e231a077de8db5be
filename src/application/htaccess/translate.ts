import { type Access, accessOf } from './access.ts';
import { isAvailable } from './known.ts';
import { type Meaning, meaningsOf } from './meaning.ts';
import type { Directive } from './parse.ts';
import { type Rewriting, rewriting } from './rewrite.ts';

/** The translation of one `.htaccess`, for the address of its folder. */
export interface Translation {
  /** `/` or `/blog/`. */
  readonly at: string;
  /** The access to the folder; undefined if the folder above decides. */
  readonly access: Access | undefined;
  readonly rewriting: Rewriting;
  readonly meanings: readonly Meaning[];
  /** The directives without a counterpart, in their order. */
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
    // Only Apache could recognize the permitted visitors, so the folder is closed, and the plan says so.
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

/** Replaces sections that test for modules and the like by their content, or removes them. */
function flattened(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap((directive) => {
    if (directive.name === '<ifmodule') return isAvailable(directive.words[0] ?? '') ? flattened(directive.inside) : [];
    if (directive.name === '<ifversion') return /^<=?$|^!/.test(directive.words[0] ?? '') ? [] : flattened(directive.inside);
    if (directive.name === '<ifdefine') return [];
    return [directive.inside.length > 0 ? { ...directive, inside: flattened(directive.inside) } : directive];
  });
}
