import { Problem } from '../error.ts';

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Returns the time that `--since` means: `30m`, `2h` or `1d` before now, or a date in this machine's time zone. */
export function parseSince(text: string, now = new Date()): Date {
  const [, count, unit = ''] = /^(\d+)\s*([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (seconds[unit] ?? 0) * 1000);
  // JavaScript reads a date without a time as UTC.
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new Problem({ message: `"${text}" is not a time.`, hint: 'Write for example 30m, 2h, 1d, 2026-11-30 or 2026-11-30T18:00.' });
}
