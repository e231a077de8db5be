/**
 * What one request of a site may use. Every layer follows from it: nginx, the program that answers, their timeouts, and how long an
 * instance of an earlier release stays.
 */
export interface Limits {
  /** MiB of a request's body; 0 for no limit. */
  readonly body: number;
  /** Seconds until a request is ended. */
  readonly seconds: number;
}

/** The limits as a configuration states them. */
export interface UserLimits {
  /** The largest file that a visitor may upload: `256M`, `2G`. By default 32M, or what `php.settings` say. */
  readonly upload?: string | undefined;
  /** Seconds that a request may take, 1 to 86400. By default 60, or what `php.settings` say if that is more. */
  readonly seconds?: number | undefined;
  /** Memory that a PHP request may use: `512M`. An application may raise it for itself. By default 128M, or what `php.settings` say. */
  readonly memory?: string | undefined;
}

/** MiB that a form may contain besides its file. */
const formSize = 2;

const usual: Limits = { body: 32 + formSize, seconds: 60 };

/** Seconds of a request if the application sets no limit. */
const longest = 3600;

/** Returns a size in MiB, rounded up. PHP writes sizes as `256M`, `1G`, `512K`, or bytes; 0 is no limit. */
export function sizeOf(text: string): number {
  const [, digits = '0', unit = ''] = /^\s*(-?\d+)\s*([kmg])?/i.exec(text) ?? [];
  const bytes = Number(digits) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' ');
  return bytes <= 0 ? 0 : Math.ceil(bytes / 1024 ** 2);
}

/** Returns the MiB of a request's body that can hold such a file. */
export function bodyFor(upload: string): number {
  const file = sizeOf(upload);
  return file === 0 ? 0 : file + formSize;
}

/** Fills in the defaults. `stated` has the limits in the runtime's own settings, in which `upload` is already included. */
export function limitsOf({ upload, seconds }: UserLimits, stated: Partial<Limits> = {}): Limits {
  const runtimeSeconds = stated.seconds ?? usual.seconds;
  return {
    body: stated.body ?? (upload === undefined ? usual.body : bodyFor(upload)),
    // A runtime may count less time than a request takes: PHP does not count the time it waits.
    seconds: seconds ?? (runtimeSeconds <= 0 ? longest : Math.max(runtimeSeconds, usual.seconds)),
  };
}

/** Returns the size of a request's body in the notation of nginx and PHP. */
export function bodyText({ body }: Limits): string {
  return body === 0 ? '0' : `${body}M`;
}

/**
 * Returns the timeouts of each layer in seconds. Nginx waits longer than the program that answers, and an instance stops after its last
 * request has ended.
 */
export function timesOf({ seconds }: Limits): { readonly request: number; readonly wait: number; readonly stop: number } {
  const wait = seconds + 5;
  // First its queue is let in, then its requests end.
  return { request: seconds, wait, stop: 2 * wait + 20 };
}
