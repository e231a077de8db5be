/** One entry of a log. */
export interface LogEntry {
  /** When it was written; missing if the log does not say. */
  readonly at?: Date;
  /** Whose log it is in: `nginx`, `php`, `worker queue`. */
  readonly source: string;
  readonly level: LogLevel;
  /** Its text without the time. A text of several lines has a stack trace, for example. */
  readonly text: string;
}

export type LogLevel = 'error' | 'warning' | 'info';
