/** What an application's files say about it. The configuration takes precedence over it. */
export interface Detected {
  /** The common name: `Laravel`. */
  readonly name: string;
  /** The program to serve, if the runtime needs it: `module:callable`. */
  readonly module?: string;
  /** The folder to serve; `.` for the whole application. */
  readonly docroot: string;
  /** Paths that all releases share and that the application may write. */
  readonly shared: readonly string[];
  /** Folders that the application may write and that are reset with each release. */
  readonly writable: readonly string[];
  /** The path of its health check. */
  readonly healthPath: string;
  /** Extensions of the runtime that it requires: `gd` for PHP. */
  readonly extensions?: readonly string[];
  /** Settings of the runtime that it requires, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** It logs to its standard error stream. */
  readonly logsToStderr?: true;
}

/** The files of an application that a rule can inspect. */
export interface Files {
  readonly has: (path: string) => boolean;
  /** Returns the text of a file, or an empty text if there is no such file. */
  readonly text: (path: string) => string;
  readonly paths: readonly string[];
}

/** Recognizes one kind of application; returns undefined for any other. */
export type Rule = (files: Files) => Detected | undefined;

const usualFolders = ['public', 'web', 'htdocs', 'public_html', 'webroot', 'pub', 'httpdocs', 'docroot', 'www', 'html', 'wwwroot'];

/** Returns the folder that is probably served: the first common name with a front page, otherwise the application itself. */
export function served({ has }: Files): string {
  const pages = ['index.php', 'index.html', 'index.htm'];
  return usualFolders.find((folder) => pages.some((page) => has(`${folder}/${page}`))) ?? '.';
}

export function below(folder: string, path: string): string {
  return folder === '.' ? path : `${folder}/${path}`;
}
