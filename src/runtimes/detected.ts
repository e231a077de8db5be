/** What an application's files tell of it. The configuration's own words count before it. */
export interface Detected {
  /** As people call it: `Laravel`. */
  readonly name: string;
  /** What is served, where the runtime has to be told: `module:callable`. */
  readonly module?: string;
  /** The folder that is served; `.` for all of it. */
  readonly docroot: string;
  /** What outlives a release and is the application's to write. */
  readonly shared: readonly string[];
  /** What it may write and begins anew with each release. */
  readonly writable: readonly string[];
  /** Where it says itself whether it is well. */
  readonly healthPath: string;
  /** Extensions of the runtime that it states: `gd` for PHP. */
  readonly extensions?: readonly string[];
  /** Settings of the runtime that it states, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** An application's files as a rule sees them. */
export interface Files {
  readonly has: (path: string) => boolean;
  /** The text of a file; empty where there is none. */
  readonly text: (path: string) => string;
  readonly paths: readonly string[];
}

/** Knows one kind of application; undefined for every other. */
export type Rule = (files: Files) => Detected | undefined;

const usualFolders = ['public', 'web', 'htdocs', 'public_html', 'webroot', 'pub', 'httpdocs', 'docroot', 'www', 'html', 'wwwroot'];

/** The folder that looks served: the usual names first, and the application itself where none is there. */
export function served({ has }: Files): string {
  const pages = ['index.php', 'index.html', 'index.htm'];
  return usualFolders.find((folder) => pages.some((page) => has(`${folder}/${page}`))) ?? '.';
}

export function below(folder: string, path: string): string {
  return folder === '.' ? path : `${folder}/${path}`;
}
