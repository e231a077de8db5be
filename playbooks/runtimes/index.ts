import type { Config, Facts, Site } from '../../src/index.ts';
import type { Instance, Runtime } from './instance.ts';
import { php } from './php/php.ts';
import { python } from './python/python.ts';

/** Every kind of application there is, by the name that a configuration has for it. Files alone need nothing that runs. */
export const runtimes: Readonly<Record<Site['app']['runtime'], Runtime | undefined>> = { php, python, static: undefined };

/** What answers the site's requests; undefined where files alone are served. */
export function answering(scope: { readonly site: Site; readonly config: Config }, facts: Facts): Instance | undefined {
  return runtimes[scope.site.app.runtime]?.instance(scope, facts);
}
