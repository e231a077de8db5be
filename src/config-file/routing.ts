import { addressPattern, safeLocation, safeTarget } from '../application/routing/pattern.ts';
import { combined, type Denial, type Header, type Route, type Routing } from '../application/routing/routing.ts';
import { Problem } from '../error.ts';
import type { UserRoute, UserWeb } from './define.ts';

/** Returns how a site's addresses are answered. The configuration takes precedence over what the application's files say. */
export function routingOf({ routes = {}, deny = [], headers = {} }: UserWeb = {}, detected: Routing): Routing {
  const lifted = deny.flatMap((address) => (address.startsWith('!') ? denialOf(address.slice(1)) : [])).map(({ pattern }) => pattern);
  const configured = Object.entries(headers).map(([name, value]): Header => ({ name, value: value === false ? '' : value }));
  const named = new Set(configured.map(({ name }) => name.toLowerCase()));
  return combined([
    {
      routes: Object.entries(routes).map(([from, to]) => routeOf(from, to)),
      denials: deny.flatMap((address) => (address.startsWith('!') ? [] : denialOf(address))),
      headers: configured,
    },
    {
      ...detected,
      denials: detected.denials.filter(({ pattern }) => !lifted.includes(pattern)),
      headers: detected.headers.filter(({ name }) => !named.has(name.toLowerCase())),
    },
  ]);
}

function denialOf(address: string): readonly Denial[] {
  const pattern = patternOf('web.deny', address);
  return [{ pattern: address.endsWith('/') ? pattern.replace(/\/$/, '(?:/|$)') : pattern, of: 'all' }];
}

function routeOf(address: string, to: UserRoute): Route {
  const from = patternOf('web.routes', address);
  if (typeof to === 'number') return { kind: 'answer', from, status: to, for: 'no file' };
  const target = typeof to === 'string' ? safeTarget(to) : safeLocation(to.redirect);
  if (target === undefined)
    throw new Problem({
      message: `web.routes has an address that cannot be used in an Nginx rule: ${JSON.stringify(typeof to === 'string' ? to : to.redirect)}.`,
      hint: "Write an address of the site such as '/index.php' or '/page.php?name=$1'; a redirect may also lead to 'https://example.com/$1'.",
    });
  return typeof to === 'string'
    ? { kind: 'rewrite', from, to: target, for: 'no file' }
    : { kind: 'redirect', from, to: target, for: 'all', permanent: to.permanent ?? false };
}

function patternOf(key: string, address: string): string {
  const pattern = addressPattern(address);
  if (pattern !== undefined) return pattern;
  throw new Problem({
    message: `${key} has an address that cannot be used in an Nginx rule: ${JSON.stringify(address)}.`,
    hint: "Write '/admin/' for all below a folder, or one address with at most three '*' for anything: '/feed/*.xml'.",
  });
}
