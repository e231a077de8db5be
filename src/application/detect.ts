/** What an application's files tell of it. The configuration's own words count before it. */
export interface Recognised {
  /** As people call it: `Laravel`. */
  readonly name: string;
  readonly runtime: 'php' | 'python' | 'static';
  /** What Gunicorn serves, where it is Python: `module:callable`. */
  readonly module?: string;
  /** The folder that is served; `.` for all of it. */
  readonly docroot: string;
  /** What outlives a release and is the application's to write. */
  readonly shared: readonly string[];
  /** What it may write and begins anew with each release. */
  readonly writable: readonly string[];
  /** Where it says itself whether it is well. */
  readonly healthPath: string;
}

/** An application's files as a recogniser sees them. */
interface Files {
  readonly has: (path: string) => boolean;
  /** The text of a file; empty where there is none. */
  readonly text: (path: string) => string;
  readonly paths: readonly string[];
}

type Rule = (files: Files) => Recognised | undefined;

/** https://laravel.com/docs: `public` is the only folder to be served, `storage` and `bootstrap/cache` are to be writable; 11 and later answer on `/up`. */
const laravel: Rule = ({ has, text }) =>
  has('artisan') && has('bootstrap/app.php') && has('public/index.php')
    ? {
        name: 'Laravel',
        runtime: 'php',
        docroot: 'public',
        shared: ['storage'],
        writable: ['bootstrap/cache'],
        healthPath: /\bhealth:\s*['"](\/[\w/-]*)['"]/.exec(text('bootstrap/app.php'))?.[1] ?? '/',
      }
    : undefined;

/** https://symfony.com/doc/current/setup/file_permissions.html: `var/cache` is built anew for each version, `var/log` is kept. */
const symfony: Rule = ({ has }) =>
  has('bin/console') && has('config/bundles.php') && has('public/index.php')
    ? { name: 'Symfony', runtime: 'php', docroot: 'public', shared: ['var/log'], writable: ['var/cache'], healthPath: '/' }
    : undefined;

/** WordPress as it is downloaded, or below `wp` as Composer has it (Bedrock). Uploads are the only files that are people's own. */
const wordpress: Rule = ({ has }) => {
  const common = { name: 'WordPress', runtime: 'php', writable: [], healthPath: '/' } as const;
  if (has('web/wp-config.php') && has('config/application.php')) return { ...common, docroot: 'web', shared: ['web/app/uploads'] };
  const docroot = ['.', 'public', 'web', 'htdocs', 'public_html'].find(
    (folder) => has(below(folder, 'wp-load.php')) && has(below(folder, 'wp-settings.php')),
  );
  return docroot === undefined ? undefined : { ...common, docroot, shared: [below(docroot, 'wp-content/uploads')] };
};

/** A program that speaks WSGI (PEP 3333), told by the callable of one of the usual names. Only a folder of its own is served as files. */
const python: Rule = ({ text, paths }) => {
  if (paths.some((path) => path.endsWith('.php'))) return undefined;
  for (const file of ['wsgi.py', 'app.py', 'main.py', ...paths.filter((path) => /^\w+\/wsgi\.py$/.test(path))]) {
    const callable = /^(?:def )?(application|app)\b\s*(?:\(|=)/m.exec(text(file))?.[1];
    if (!callable) continue;
    const docroot = ['public', 'static'].find((folder) => paths.some((path) => path.startsWith(`${folder}/`))) ?? '.';
    const module = `${file.replace(/\.py$/, '').replaceAll('/', '.')}:${callable}`;
    return { name: 'a Python application', runtime: 'python', module, docroot, shared: [], writable: [], healthPath: '/' };
  }
  return undefined;
};

/** Pages and nothing that runs: no PHP has to be there for them. */
const site: Rule = (files) =>
  files.paths.some((path) => /\.ph(?:p\d?|tml|ar)$/.test(path)) || !files.has(below(served(files), 'index.html'))
    ? undefined
    : { name: 'a static site', runtime: 'static', docroot: served(files), shared: [], writable: [], healthPath: '/' };

/** Whatever else it is: PHP runs where a name is no file's. A page of its own may say whether it is well. */
function plain(files: Files): Recognised {
  const docroot = served(files);
  const own = [
    ['up.php', '/up.php'],
    ['health.php', '/health.php'],
    ['up/index.php', '/up/'],
    ['health/index.php', '/health/'],
  ] as const;
  const healthPath = own.find(([file]) => files.has(below(docroot, file)))?.[1] ?? '/';
  return { name: 'a PHP application', runtime: 'php', docroot, shared: [], writable: [], healthPath };
}

const rules: readonly Rule[] = [laravel, symfony, wordpress, python, site];

/** What an application is by the names of its files (paths with `/`), and by the text of a few of them. The first rule that fits counts. */
export function recognise(paths: readonly string[], text: (path: string) => string): Recognised {
  const all = new Set(paths);
  const has = (path: string) => all.has(path);
  const files = { has, paths, text: (path: string) => (has(path) ? text(path) : '') };
  for (const rule of rules) {
    const found = rule(files);
    if (found) return found;
  }
  return plain(files);
}

/** The folder that looks served: the usual names first, and the application itself where none is there. */
function served({ has }: Files): string {
  return ['public', 'web', 'htdocs', 'public_html'].find((folder) => has(`${folder}/index.php`) || has(`${folder}/index.html`)) ?? '.';
}

function below(folder: string, path: string): string {
  return folder === '.' ? path : `${folder}/${path}`;
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
