import type { Directive } from './parse.ts';

/** Who may access a scope: everybody, nobody, or visitors that only Apache could recognize. */
export type Access = 'granted' | 'denied' | 'some';

/** Returns the access that the directives of one scope define, or undefined if they define none. */
export function accessOf(directives: readonly Directive[]): Access | undefined {
  const required = directives.flatMap((directive) => requiredBy(directive) ?? []);
  return anyOf(required) ?? hostsOf(directives);
}

/** Returns the access that several directives give together: Apache grants access if one of them does. */
function anyOf(all: readonly Access[]): Access | undefined {
  return (['granted', 'some', 'denied'] as const).find((access) => all.includes(access));
}

function requiredBy({ name, words, inside }: Directive): Access | undefined {
  const [what = '', which = ''] = words.map((word) => word.toLowerCase());
  if (name === 'require') return what === 'all' ? (which === 'denied' ? 'denied' : 'granted') : what === 'not' ? undefined : 'some';
  const parts = inside.flatMap((directive) => requiredBy(directive) ?? []);
  if (name === '<requireany' || (name === '<limit' && words.includes('GET'))) return anyOf(parts);
  if (name === '<requireall') return (['denied', 'some', 'granted'] as const).find((access) => parts.includes(access));
  return undefined;
}

/** Evaluates Order, Allow and Deny, the directives before Apache 2.4. If both or neither match, the one that `Order` names last applies. */
function hostsOf(directives: readonly Directive[]): Access | undefined {
  const lines = directives.flatMap((directive) =>
    directive.name === '<limit' && directive.words.includes('GET') ? directive.inside : [directive],
  );
  const from = (name: string) =>
    lines.filter((line) => line.name === name).flatMap(({ words }) => words.slice(1).map((word) => word.toLowerCase()));
  const [order] = lines.filter(({ name }) => name === 'order').map(({ words }) => words.join('').replaceAll(/\s/g, '').toLowerCase());
  const [allowed, denied] = [from('allow'), from('deny')];
  if (order === undefined && allowed.length === 0 && denied.length === 0) return undefined;
  const [everybody, nobody] = [allowed.includes('all'), denied.includes('all')];
  const byDefault: Access = order === 'allow,deny' || order === 'mutual-failure' ? 'denied' : 'granted';
  if (nobody && everybody) return byDefault;
  if (nobody || (byDefault === 'denied' && !everybody)) return allowed.length > 0 && byDefault === 'granted' ? 'some' : 'denied';
  return 'granted';
}
