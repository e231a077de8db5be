/**
 * What one request of a site may take. Every layer follows from it: nginx, what answers, their timeouts, and how long a release that was
 * left stays.
 */
export interface Limits {
  /** MiB of a request's body; 0 for no limit. */
  readonly body: number;
  /** Seconds until a request is ended. */
  readonly seconds: number;
}

/** What a configuration says about it. */
export interface UserLimits {
  /** The largest file that a visitor may upload: `256M`, `2G`. By default 32M, or what `php.settings` say. */
  readonly upload?: string | undefined;
  /** Seconds that a request may take, 1 to 86400. By default 60, or what `php.settings` say if that is more. */
  readonly seconds?: number | undefined;
  /** Memory that a PHP request may use: `512M`. An application may raise it for itself. By default 128M, or what `php.settings` say. */
  readonly memory?: string | undefined;
}

/** MiB that a form may have beside its file. */
const formSize = 2;

const usual: Limits = { body: 32 + formSize, seconds: 60 };

/** Seconds of a request whose application asks for no limit. */
const longest = 3600;

/** Returns MiB, rounded up, of a size as PHP writes one: `256M`, `1G`, `512K`, or bytes; 0 for no limit. */
export function sizeOf(text: string): number {
  const [, digits = '0', unit = ''] = /^\s*(-?\d+)\s*([kmg])?/i.exec(text) ?? [];
  const bytes = Number(digits) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' ');
  return bytes <= 0 ? 0 : Math.ceil(bytes / 1024 ** 2);
}

/** Returns MiB of a request's body in which such a file fits. */
export function bodyFor(upload: string): number {
  const file = sizeOf(upload);
  return file === 0 ? 0 : file + formSize;
}

/** Fills in the defaults: what the configuration says, then what the runtime's own settings do. */
export function limitsOf({ upload, seconds }: UserLimits, stated: Partial<Limits> = {}): Limits {
  const asked = stated.seconds ?? usual.seconds;
  return {
    body: stated.body ?? (upload === undefined ? usual.body : bodyFor(upload)),
    // What a runtime counts may be less than what a request takes: PHP leaves out what it waits for.
    seconds: seconds ?? (asked <= 0 ? longest : Math.max(asked, usual.seconds)),
  };
}

/** Returns the size of a request's body as nginx and PHP write it. */
export function bodyText({ body }: Limits): string {
  return body === 0 ? '0' : `${body}M`;
}

/**
 * Returns the seconds of each layer: nginx waits for an answer until what answers has given up, and an instance ends once its last request
 * has.
 */
export function timesOf({ seconds }: Limits): { readonly request: number; readonly wait: number; readonly stop: number } {
  const wait = seconds + 5;
  // First its queue is let in, then its requests end.
  return { request: seconds, wait, stop: 2 * wait + 20 };
}
