import { defineRuntime } from '../definition.ts';
import { below, type Rule, served } from '../detected.ts';

/** Files alone: nothing runs, and nothing has to be said of it. */
export interface Static {
  readonly kind: 'static';
}

/** Pages and nothing that runs: no PHP has to be there for them. */
const detect: Rule = (files) =>
  files.paths.some((path) => /\.ph(?:p\d?|tml|ar)$/.test(path)) || !files.has(below(served(files), 'index.html'))
    ? undefined
    : { name: 'a static site', docroot: served(files), shared: [], writable: [], healthPath: '/' };

export const files = defineRuntime<never, Static>({ detect, resolve: async () => ({ kind: 'static' }) });
