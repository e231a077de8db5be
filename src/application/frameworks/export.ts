import type { Files } from '../../runtimes/detected.ts';
import { below } from '../../runtimes/detected.ts';
import type { Routing } from '../routing/routing.ts';

/**
 * Returns the routing of a folder of pages: addresses without `.html`, a page for missing addresses, and a single page whose program runs
 * in the browser.
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

/** Returns whether its only page starts a program that renders all others: it has a script, and an element to render into. */
function isSinglePage(files: Files, docroot: string): boolean {
  const prefix = docroot === '.' ? '' : `${docroot}/`;
  const pages = files.paths.filter((path) => path.startsWith(prefix) && path.endsWith('.html'));
  if (pages.length !== 1 || pages[0] !== `${prefix}index.html`) return false;
  const text = files.text(`${prefix}index.html`);
  return (
    /<script[^>]+\bsrc=/i.test(text) && /<(?:div|main)[^>]+\bid=["']?(?:root|app|__nuxt|__next|svelte|q-app)\b|<app-root\b/i.test(text)
  );
}
