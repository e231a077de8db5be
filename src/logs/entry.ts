/** One entry of a log. */
export interface LogEntry {
  /** When it was written; missing if the log does not say. */
  readonly at?: Date;
  /** Whose log it is in: `nginx`, `php`, `worker queue`. */
  readonly source: string;
  readonly level: LogLevel;
  /** The text without the time. It may have several lines, such as a stack trace. */
  readonly text: string;
}

export type LogLevel = 'error' | 'warning' | 'info';
