import { crontabOf } from './crontab.ts';
import { isTimezone } from './timezone.ts';

/** https://manpages.debian.org/systemd.time(7), "CALENDAR EVENTS". */
const words = ['minutely', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'semiannually', 'semi-annually', 'yearly', 'annually'];
const day = '(?:mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)';
const days = new RegExp(`^${day}(?:(?:\\.\\.|-)${day})?(?:,${day}(?:(?:\\.\\.|-)${day})?)*$`, 'i');

/**
 * Returns the systemd calendar events of a schedule: the schedule itself, or the translation of a crontab schedule. The translation has two
 * events if cron matches either the day of the month or the day of the week. Returns undefined if it is neither kind of schedule.
 */
export function calendarOf(schedule: string): readonly string[] | undefined {
  const event = schedule.trim().replaceAll(/\s+/g, ' ');
  return crontabOf(event) ?? (isEvent(event) ? [event] : undefined);
}

function isEvent(event: string): boolean {
  const parts = event.split(' ');
  const last = parts.at(-1) ?? '';
  const [first = '', ...more] = parts.length > 1 && isZone(last) ? parts.slice(0, -1) : parts;
  if (more.length === 0 && words.includes(first.toLowerCase())) return true;
  const rest = days.test(first) ? more : [first, ...more];
  if (rest.length === 0) return true;
  if (rest.length > 2) return false;
  const [one = '', other] = rest;
  return other === undefined ? isDate(one) || isTime(one) : isDate(one) && isTime(other);
}

function isZone(word: string): boolean {
  return /^[A-Za-z]/.test(word) && !days.test(word) && isTimezone(word);
}

function isDate(text: string): boolean {
  const [, year = '*', month = '', dayOfMonth = ''] = /^(?:([^-~]+)-)?([^-~]+)[-~]([^-~]+)$/.exec(text) ?? [];
  return isPart(year, 1970, 2199) && isPart(month, 1, 12) && isPart(dayOfMonth, 1, 31);
}

function isTime(text: string): boolean {
  const [hour = '', minute = '', second = '0', ...more] = text.split(':');
  return more.length === 0 && isPart(hour, 0, 23) && isPart(minute, 0, 59) && isPart(second.replaceAll(/(\d)\.\d{1,6}/g, '$1'), 0, 59);
}

/** Returns whether a part is `*`, or a list of numbers, ranges (`1..5`) and repetitions (`0/15`). */
function isPart(text: string, least: number, most: number): boolean {
  if (text === '*') return true;
  return text.split(',').every((item) => {
    const [, from, to = from, step = '1'] = /^(\d{1,4})(?:\.\.(\d{1,4}))?(?:\/(\d{1,4}))?$/.exec(item) ?? [];
    return from !== undefined && Number(from) >= least && Number(from) <= Number(to) && Number(to) <= most && Number(step) > 0;
  });
}
