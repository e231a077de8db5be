import { defineRuntime } from '../definition.ts';
import { below, type Files, type Rule, served } from '../detected.ts';

/** Files alone: nothing runs, and nothing has to be said of it. */
export interface Static {
  readonly kind: 'static';
}

/** Pages and nothing that runs: no PHP has to be there for them. */
const detect: Rule = (files) => {
  const docroot = builtFolder(files) ?? served(files);
  return files.paths.some((path) => /\.ph(?:p\d?|tml|ar)$/.test(path)) || !hasPage(files, docroot)
    ? undefined
    : { name: 'a static site', docroot, shared: [], writable: [], healthPath: '/' };
};

/** Where the usual generators write their pages; what lies beside them is what these are made of. */
function builtFolder(files: Files): string | undefined {
  const isBuilt = files.has('package.json') || !hasPage(files, '.');
  return isBuilt ? ['dist', 'out', 'build', '_site', '.output/public', 'build/client'].find((folder) => hasPage(files, folder)) : undefined;
}

function hasPage({ has }: Files, folder: string): boolean {
  return has(below(folder, 'index.html')) || has(below(folder, 'index.htm'));
}

export const files = defineRuntime<never, Static>({ detect, resolve: async () => ({ kind: 'static' }) });
