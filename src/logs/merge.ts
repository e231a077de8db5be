import type { LogEntry } from './entry.ts';
import type { ParsedLine } from './lines.ts';

/** Which entries are shown. */
export interface LogFilter {
  readonly since?: Date | undefined;
  readonly matching?: RegExp | undefined;
  /** How many of the earlier entries are shown; the last ones are kept. */
  readonly count: number;
}

/** Merges the lines of several logs by time. */
export interface LogMerge {
  /** Takes a parsed line of the log with this tag. */
  add(tag: string, line: ParsedLine): void;
  /** Shows the earlier entries in the order of their times. What is added afterwards is shown at once. */
  live(): void;
}

/** Returns a merge that calls `show` for each entry. Lines that continue an entry which was shown follow it as an entry of their own. */
export function mergeLogs(filter: LogFilter, show: (entry: LogEntry) => void): LogMerge {
  const earlier: LogEntry[] = [];
  const last = new Map<string, LogEntry>();
  let isLive = false;
  const isWanted = ({ at, text }: LogEntry) =>
    (!filter.since || (at !== undefined && at >= filter.since)) && (filter.matching?.test(text) ?? true);

  function addMore(tag: string, text: string): void {
    const before = last.get(tag);
    if (!before) return;
    const whole = { ...before, text: `${before.text}\n${text}` };
    last.set(tag, whole);
    if (!isLive) earlier[earlier.lastIndexOf(before)] = whole;
    else if (isWanted(whole)) show({ ...before, text });
  }

  return {
    add(tag, line) {
      if (line.kind === 'nothing') return;
      if (line.kind === 'more') return addMore(tag, line.text);
      last.set(tag, line.entry);
      if (!isLive) earlier.push(line.entry);
      else if (isWanted(line.entry)) show(line.entry);
    },
    live() {
      isLive = true;
      const timeOf = ({ at }: LogEntry) => at?.getTime() ?? 0;
      const wanted = earlier.filter(isWanted).toSorted((one, other) => timeOf(one) - timeOf(other));
      for (const entry of wanted.slice(-filter.count)) show(entry);
    },
  };
}
