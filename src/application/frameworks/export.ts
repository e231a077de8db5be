import type { Files } from '../../runtimes/detected.ts';
import { below } from '../../runtimes/detected.ts';
import type { Routing } from '../routing/routing.ts';

/**
 * What a folder of pages says of its addresses: a page's name without `.html`, its own page for what is not there, and a program in the
 * browser.
 */
export function exportRouting(files: Files, docroot: string): Partial<Routing> {
  const has = (path: string) => files.has(below(docroot, path));
  const page = ['404.html', '404/index.html'].find(has);
  const single = has('200.html') ? '/200.html' : isSinglePage(files, docroot) ? '/index.html' : undefined;
  return {
    cleanUrls: true,
    ...(page !== undefined && { errorPages: { 404: `/${page}` } }),
    routes: single === undefined ? [] : [{ kind: 'rewrite', from: '^/', to: single, for: 'no file' }],
  };
}

/** Whether its only page starts a program that draws all others: it has a script, and a place for the program to draw in. */
function isSinglePage(files: Files, docroot: string): boolean {
  const prefix = docroot === '.' ? '' : `${docroot}/`;
  const pages = files.paths.filter((path) => path.startsWith(prefix) && path.endsWith('.html'));
  if (pages.length !== 1 || pages[0] !== `${prefix}index.html`) return false;
  const text = files.text(`${prefix}index.html`);
  return (
    /<script[^>]+\bsrc=/i.test(text) && /<(?:div|main)[^>]+\bid=["']?(?:root|app|__nuxt|__next|svelte|q-app)\b|<app-root\b/i.test(text)
  );
}
