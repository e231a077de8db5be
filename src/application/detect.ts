import type { Detected } from '../runtimes/detected.ts';
import { type RuntimeName, runtimeNames, runtimes } from '../runtimes/index.ts';
import { anyPhp } from '../runtimes/php/detect.ts';

/** What an application's files tell of it, with the runtime that serves it. */
export interface Recognised extends Detected {
  readonly runtime: RuntimeName;
}

/** What an application is by the names of its files (paths with `/`), and by the text of a few of them. The first runtime that knows it counts. */
export function recognise(paths: readonly string[], text: (path: string) => string): Recognised {
  const all = new Set(paths);
  const has = (path: string) => all.has(path);
  const files = { has, paths, text: (path: string) => (has(path) ? text(path) : '') };
  for (const runtime of runtimeNames) {
    const found = runtimes[runtime].detect(files);
    if (found) return { ...found, runtime };
  }
  return { ...anyPhp(files), runtime: 'php' };
}

/** In a sentence, for people: `Laravel: public is served, storage outlives releases, bootstrap/cache is written anew; /up says whether it is well`. */
export function recognisedText({ name, docroot, shared, writable, healthPath }: Recognised): string {
  const parts = [
    `${docroot === '.' ? 'the whole folder' : docroot} is served`,
    ...(shared.length > 0 ? [`${shared.join(' and ')} ${shared.length > 1 ? 'are' : 'is'} shared by all releases`] : []),
    ...(writable.length > 0
      ? [`${writable.join(' and ')} can be written to and ${writable.length > 1 ? 'are' : 'is'} reset on each release`]
      : []),
    ...(healthPath === '/' ? [] : [`${healthPath} is the health check`]),
  ];
  return `This is ${name}: ${parts.join(', ')}.`;
}
