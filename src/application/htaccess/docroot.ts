import type { Files } from '../../runtimes/detected.ts';
import { type Directive, parse } from './parse.ts';

/**
 * Returns the folder to which the application's own `.htaccess` sends every address: the docroot on a server where the application could
 * not choose it.
 */
export function docrootByHtaccess(files: Files): string | undefined {
  return all(parse(files.text('.htaccess')))
    .filter(({ name }) => name === 'rewriterule')
    .flatMap(({ words: [, to = ''] }) => /^\/?([A-Za-z0-9_-]+)\/\$1$/.exec(to)?.[1] ?? [])
    .find((folder) => ['index.php', 'index.html'].some((page) => files.has(`${folder}/${page}`)));
}

function all(directives: readonly Directive[]): readonly Directive[] {
  return directives.flatMap((directive) => [directive, ...all(directive.inside)]);
}
