import { below, type Detected, type Files, type Rule, served } from '../detected.ts';

/** https://laravel.com/docs: `public` is the only folder to be served, `storage` and `bootstrap/cache` are to be writable; 11 and later answer on `/up`. */
const laravel: Rule = ({ has, text }) =>
  has('artisan') && has('bootstrap/app.php') && has('public/index.php')
    ? {
        name: 'Laravel',
        docroot: 'public',
        shared: ['storage'],
        writable: ['bootstrap/cache'],
        healthPath: /\bhealth:\s*['"](\/[\w/-]*)['"]/.exec(text('bootstrap/app.php'))?.[1] ?? '/',
      }
    : undefined;

/** https://symfony.com/doc/current/setup/file_permissions.html: `var/cache` is built anew for each version, `var/log` is kept. */
const symfony: Rule = ({ has }) =>
  has('bin/console') && has('config/bundles.php') && has('public/index.php')
    ? { name: 'Symfony', docroot: 'public', shared: ['var/log'], writable: ['var/cache'], healthPath: '/' }
    : undefined;

/** WordPress as it is downloaded, or below `wp` as Composer has it (Bedrock). Uploads are the only files that are people's own. */
const wordpress: Rule = ({ has }) => {
  const common = { name: 'WordPress', writable: [], healthPath: '/' } as const;
  if (has('web/wp-config.php') && has('config/application.php')) return { ...common, docroot: 'web', shared: ['web/app/uploads'] };
  const docroot = ['.', 'public', 'web', 'htdocs', 'public_html'].find(
    (folder) => has(below(folder, 'wp-load.php')) && has(below(folder, 'wp-settings.php')),
  );
  return docroot === undefined ? undefined : { ...common, docroot, shared: [below(docroot, 'wp-content/uploads')] };
};

/** Frameworks that are known by their files. */
export const detect: Rule = (files) => laravel(files) ?? symfony(files) ?? wordpress(files);

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
