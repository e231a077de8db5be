/** How an application's own migrations are applied. */
export interface Migrate {
  /** The command, which runs in the folder of the application. */
  readonly command: string;
  /** The files and folders that change when there are new migrations. */
  readonly paths: readonly string[];
}

/** What an application's files say about it. The configuration takes precedence over it. */
export interface Detected {
  /** The common name: `Laravel`. */
  readonly name: string;
  /** What serves it, if the runtime needs to know: `module:callable` of Python, or a command line. */
  readonly program?: string;
  /** The versions of the runtime that it accepts: `>=20`. */
  readonly engine?: string;
  /** The folder to serve; `.` for the whole application. */
  readonly docroot: string;
  /** Paths that all releases share and that the application may write. */
  readonly shared: readonly string[];
  readonly installerFolder?: InstallerFolder;
  /** Folders that the application may write and that are reset with each release. */
  readonly writable: readonly string[];
  /** The path of its health check. */
  readonly healthPath: string;
  /** The SQLite file that it contains and that its settings name, so it needs no database server. */
  readonly databaseFile?: string;
  /** How its migrations are applied to the database. */
  readonly migrate?: Migrate;
  /** Extensions of the runtime that it requires: `gd` for PHP. */
  readonly extensions?: readonly string[];
  /** Settings of the runtime that it requires, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The files where it logs its errors. In a name, `*` matches anything. */
  readonly logs?: readonly string[];
  /** It logs to its standard error stream. */
  readonly logsToStderr?: true;
  /** Variables that its environment must have, by name. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Variables for secret keys that the host generates, each with the files that may define it instead. The configuration takes precedence. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  readonly variables?: Variables;
}

/** Variables that its settings are read from. The configuration takes precedence, and so does the file `unless`. */
export interface Variables {
  /**
   * The value of each, by name. `{site}` is the address under which visitors find the site, `{application}` the application's folder, and
   * `{DB_HOST}` the value of that variable. A variable whose value cannot be known is left out.
   */
  readonly values: Readonly<Record<string, string>>;
  readonly unless: string;
}

/** The folder of an application's installer, which is left out once the installer has written the shared file `once`. */
export interface InstallerFolder {
  readonly folder: string;
  readonly once: string;
  /** The file that the installer keeps while it works, in a folder that the release may write. */
  readonly lock?: string;
  /** The address of its first page, if the application does not lead visitors there itself. */
  readonly page?: string;
}

/** The files of an application that a rule can inspect. */
export interface Files {
  readonly has: (path: string) => boolean;
  /** Returns the text of a file, or an empty text if there is no such file. */
  readonly text: (path: string) => string;
  readonly paths: readonly string[];
}

/** Returns the files with these paths. `text` is called only for them. */
export function filesNamed(paths: readonly string[], text: (path: string) => string): Files {
  const all = new Set(paths);
  const has = (path: string) => all.has(path);
  return { has, paths, text: (path) => (has(path) ? text(path) : '') };
}

/** Recognizes one kind of application; returns undefined for any other. */
export type Rule = (files: Files) => Detected | undefined;

const usualFolders = ['public', 'web', 'htdocs', 'public_html', 'webroot', 'pub', 'httpdocs', 'docroot', 'www', 'html', 'wwwroot'];

/** Returns the folder that is probably served: the first common name with a front page, otherwise the application itself. */
export function served({ has }: Files): string {
  const pages = ['index.php', 'index.html', 'index.htm'];
  return usualFolders.find((folder) => pages.some((page) => has(`${folder}/${page}`))) ?? '.';
}

/** Returns whether a folder has a front page. */
export function hasPage({ has }: Files, folder: string): boolean {
  return has(below(folder, 'index.html')) || has(below(folder, 'index.htm'));
}

export function below(folder: string, path: string): string {
  return folder === '.' ? path : `${folder}/${path}`;
}
