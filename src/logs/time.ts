const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The forms of a time at the beginning of a line, each with what follows it. They name a zone, or have the host's. */
const forms = [
  // PHP and FPM: [30-Nov-2026 23:53:19 UTC]
  /^\[(?<day>\d{2})-(?<name>[A-Z][a-z]{2})-(?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2})(?: (?<zone>[A-Za-z_]+(?:\/[\w/+-]+)?))?\]\s*/,
  // nginx's errors: 2026/11/30 23:53:19
  /^(?<year>\d{4})\/(?<month>\d{2})\/(?<day>\d{2}) (?<time>\d{2}:\d{2}:\d{2})\s*/,
  // Monolog, Log4j and most others: [2026-11-30T23:53:19.123456+00:00]
  /^\[?(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})[T ](?<time>\d{2}:\d{2}:\d{2}(?:[.,]\d+)?)(?<offset>Z|[+-]\d{2}:?\d{2})?\]?\s*/,
];

/**
 * Returns the time at the beginning of a line, and the rest of the line; undefined if it begins with none. `hostOffset` is the host's time
 * zone in minutes east of UTC, for logs that name none.
 */
export function timeAtStart(line: string, hostOffset: number): { readonly at: Date; readonly rest: string } | undefined {
  for (const form of forms) {
    const found = form.exec(line);
    if (!found?.groups) continue;
    const { day = '', name, month = name ? months.indexOf(name) + 1 : 0, year = '', time = '', zone, offset } = found.groups;
    const clock = new Date(`${year}-${String(month).padStart(2, '0')}-${day}T${time.replace(',', '.')}Z`);
    if (Number.isNaN(clock.getTime())) continue;
    const minutes = offset ? minutesOf(offset) : zone ? offsetIn(zone, clock) : hostOffset;
    return { at: new Date(clock.getTime() - (minutes ?? hostOffset) * 60_000), rest: line.slice(found[0].length) };
  }
  return undefined;
}

/** Returns the time of a request in nginx's combined format: `[30/Nov/2026:23:53:19 +0000]`. */
export function timeOfRequest(line: string): Date | undefined {
  const [, day, name = '', year, time, offset = ''] =
    /\[(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})\]/.exec(line) ?? [];
  if (day === undefined) return undefined;
  const clock = Date.parse(`${year}-${String(months.indexOf(name) + 1).padStart(2, '0')}-${day}T${time}Z`);
  return Number.isNaN(clock) ? undefined : new Date(clock - minutesOf(offset) * 60_000);
}

/** Returns the minutes east of UTC of `+0200`, `-03:30` or `Z`. */
export function minutesOf(offset: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})$/.exec(offset) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** Returns the minutes east of UTC that a zone has at about this time; undefined if there is no such zone. */
function offsetIn(zone: string, at: Date): number | undefined {
  try {
    const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
      .formatToParts(at)
      .find(({ type }) => type === 'timeZoneName')?.value;
    return minutesOf(name?.replace('GMT', '') ?? '');
  } catch {
    return undefined;
  }
}
