import { below, type Detected, type Files, served } from '../detected.ts';

/** Whatever else it is: PHP runs where a name is no file's. A page of its own may say whether it is well. */
export function anyPhp(files: Files): Detected {
  const docroot = served(files);
  const own = [
    ['up.php', '/up.php'],
    ['health.php', '/health.php'],
    ['up/index.php', '/up/'],
    ['health/index.php', '/health/'],
  ] as const;
  const healthPath = own.find(([file]) => files.has(below(docroot, file)))?.[1] ?? '/';
  return { name: 'a PHP application', docroot, shared: [], writable: [], healthPath };
}
