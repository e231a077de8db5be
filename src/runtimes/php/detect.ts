import { below, type Detected, type Files, served } from '../detected.ts';

/**
 * Returns the defaults for an application that nothing else recognizes: PHP answers addresses that are not files. If the application has a
 * health page, its path is used.
 */
export function anyPhp(files: Files): Detected {
  const docroot = served(files);
  const healthScripts = [
    ['up.php', '/up.php'],
    ['health.php', '/health.php'],
    ['up/index.php', '/up/'],
    ['health/index.php', '/health/'],
  ] as const;
  const healthPath = healthScripts.find(([file]) => files.has(below(docroot, file)))?.[1] ?? '/';
  return { name: 'a PHP application', docroot, shared: [], writable: [], healthPath };
}
