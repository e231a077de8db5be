import type { LogEntry, LogLevel } from './entry.ts';
import { timeAtStart, timeOfRequest } from './time.ts';

/** How the lines of a log are written. */
export type LogFormat =
  | { readonly kind: 'access' }
  /** Each entry begins with a time. Lines without one belong to the entry before. */
  | { readonly kind: 'timed' }
  /** The journal as JSON. `source` says whose entry it is by its unit, or undefined if it is not the site's. */
  | { readonly kind: 'journal'; readonly source: (unit: string, text: string) => string | undefined }
  /** The database's slow query log. Only the entries of this account are shown. */
  | { readonly kind: 'slow queries'; readonly account: string };

/** A line begins an entry, continues the previous entry, or is ignored. */
export type ParsedLine =
  | { readonly kind: 'entry'; readonly entry: LogEntry }
  | { readonly kind: 'more'; readonly text: string }
  | { readonly kind: 'nothing' };

const nothing: ParsedLine = { kind: 'nothing' };

/** Returns a function that parses the lines of one log, in their order. */
export function lineParser(format: LogFormat, source: string, hostOffset: number): (line: string) => ParsedLine {
  switch (format.kind) {
    case 'access':
      return (line) => ({ kind: 'entry', entry: request(line, source) });
    case 'timed':
      return (line) => {
        const timed = timeAtStart(line, hostOffset);
        if (!timed) return line.trim() === '' ? nothing : { kind: 'more', text: line };
        return { kind: 'entry', entry: { at: timed.at, source, level: levelIn(timed.rest), text: timed.rest } };
      };
    case 'journal':
      return (line) => journalEntry(line, format.source);
    case 'slow queries':
      return slowQueries(format.account, source);
  }
}

function request(line: string, source: string): LogEntry {
  const at = timeOfRequest(line);
  const status = Number(/" (\d{3}) /.exec(line)?.[1] ?? 0);
  const text = line.replace(/ - (\S+) \[[^\]]*\]/, (_, user: string) => (user === '-' ? '' : ` ${user}`));
  return { ...(at && { at }), source, level: status >= 500 ? 'error' : status >= 400 ? 'warning' : 'info', text };
}

/** Returns the level that a text names: nginx's `[error]`, PHP's `PHP Warning:`, Monolog's `app.ERROR:`. */
function levelIn(text: string): LogLevel {
  const start = text.slice(0, 80);
  if (
    /\[(?:emerg|alert|crit|error)\]|PHP (?:Fatal|Parse|Recoverable fatal) error|Uncaught|\b(?:EMERGENCY|ALERT|CRITICAL|ERROR|FATAL)\b/.test(
      start,
    )
  )
    return 'error';
  return /\[warn\]|PHP (?:Warning|Notice|Deprecated)|\bWARN(?:ING)?\b/.test(start) ? 'warning' : 'info';
}

function journalEntry(line: string, sourceOf: (unit: string, text: string) => string | undefined): ParsedLine {
  const fields = parsed(line);
  if (!fields) return nothing;
  const text = messageOf(fields.MESSAGE);
  // systemd's own messages about a unit name it in another field.
  const unit = fields._SYSTEMD_UNIT === 'init.scope' ? fields.UNIT : fields._SYSTEMD_UNIT;
  const source = sourceOf(typeof unit === 'string' ? unit : '', text);
  if (source === undefined || text === '') return nothing;
  const priority = Number(fields.PRIORITY ?? 6);
  const level = priority <= 3 ? 'error' : priority === 4 ? 'warning' : levelIn(text);
  const at = new Date(Number(fields.__REALTIME_TIMESTAMP) / 1000);
  return { kind: 'entry', entry: { ...(!Number.isNaN(at.getTime()) && { at }), source, level, text } };
}

/** Returns a journal message as text. The journal prints a message that is not plain text as a list of bytes. */
function messageOf(message: unknown): string {
  if (Array.isArray(message)) return Buffer.from(message.filter((byte) => typeof byte === 'number')).toString('utf8');
  return typeof message === 'string' ? message : '';
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

/** An entry begins with `# User@Host`, and ends with a statement. */
function slowQueries(account: string, source: string): (line: string) => ParsedLine {
  let isOurs = false;
  let took = '';
  let at: Date | undefined;
  return (line) => {
    const [, user] = /^# User@Host: ([^[\s]*)/.exec(line) ?? [];
    if (user !== undefined) {
      isOurs = user === account;
      took = '';
      at = undefined;
      return nothing;
    }
    took = /Query_time: ([\d.]+)/.exec(line)?.[1] ?? took;
    const [, seconds] = /^SET timestamp=(\d+)/.exec(line) ?? [];
    if (seconds !== undefined) at = new Date(Number(seconds) * 1000);
    if (!isOurs || /^(?:#|SET timestamp=|use )/i.test(line)) return nothing;
    if (took === '') return { kind: 'more', text: line };
    const entry: LogEntry = { ...(at && { at }), source, level: 'warning', text: `${Number(took).toFixed(1)} s: ${line}` };
    took = '';
    return { kind: 'entry', entry };
  };
}
