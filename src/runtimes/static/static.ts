import { defineRuntime } from '../definition.ts';
import { type Files, hasPage, type Rule, served } from '../detected.ts';

/** A site of static files: no program runs, and there are no settings. */
export interface Static {
  readonly kind: 'static';
}

/** Recognizes static pages without scripts, which do not need PHP. */
const detect: Rule = (files) => {
  const docroot = builtFolder(files) ?? served(files);
  return files.paths.some((path) => /\.ph(?:p\d?|tml|ar)$/.test(path)) || !hasPage(files, docroot)
    ? undefined
    : { name: 'a static site', docroot, shared: [], writable: [], healthPath: '/' };
};

/** Returns the folder in which a common generator writes its pages. The files beside it are the sources. */
function builtFolder(files: Files): string | undefined {
  const isBuilt = files.has('package.json') || !hasPage(files, '.');
  return isBuilt ? ['dist', 'out', 'build', '_site', '.output/public', 'build/client'].find((folder) => hasPage(files, folder)) : undefined;
}

export const files = defineRuntime<never, Static>({ detect, resolve: async () => ({ kind: 'static' }) });
