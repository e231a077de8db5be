/** One field of a crontab schedule. */
interface Field {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields = {
  minute: { least: 0, most: 59 },
  hour: { least: 0, most: 23 },
  day: { least: 1, most: 31 },
  month: { least: 1, most: 12, names: ['', ...months] },
  // Both 0 and 7 are Sunday.
  weekday: { least: 0, most: 7, names: days },
} satisfies Readonly<Record<string, Field>>;

const macros: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Returns the systemd calendar events of a crontab(5) schedule, or undefined if it is not one. */
export function crontabOf(schedule: string): readonly string[] | undefined {
  const parts = (macros[schedule.toLowerCase()] ?? schedule).split(' ');
  if (parts.length !== 5) return undefined;
  const [minuteText = '', hourText = '', dayText = '', monthText = '', weekdayText = ''] = parts;
  const minute = valuesOf(minuteText, fields.minute);
  const hour = valuesOf(hourText, fields.hour);
  const day = valuesOf(dayText, fields.day);
  const month = valuesOf(monthText, fields.month);
  const weekday = valuesOf(weekdayText, fields.weekday);
  if (!minute || !hour || !day || !month || !weekday) return undefined;
  const time = `${written(hour, fields.hour)}:${written(minute, fields.minute)}`;
  const monthOf = written(month, fields.month);
  const everyDay = `*-${monthOf}-*`;
  const someDays = `*-${monthOf}-${written(day, fields.day)}`;
  const names = weekdaysOf(weekday);
  const event = (week: string, date: string) => [week, date === '*-*-*' ? '' : date, time].filter((part) => part !== '').join(' ');
  // crontab(5): if both fields are restricted, which means that neither begins with *, the command runs when either of them matches.
  if (dayText.startsWith('*') || weekdayText.startsWith('*')) return [event(names, someDays)];
  return [event('', someDays), event(names, everyDay)];
}

/** Returns the values that a field matches, in order, or undefined if cron rejects it. */
function valuesOf(text: string, field: Field): readonly number[] | undefined {
  const found = new Set<number>();
  for (const item of text.toLowerCase().split(',')) {
    const [, whole, from = '', to = from, step = '1'] =
      /^(?:(\*)|([a-z]{3}|\d{1,2})(?:-([a-z]{3}|\d{1,2}))?)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
    const first = whole ? field.least : numberOf(from, field);
    const last = whole ? field.most : numberOf(to, field);
    const isStep = item.includes('/');
    if (first === undefined || last === undefined || first > last || Number(step) < 1) return undefined;
    // A step needs a range.
    if (isStep && !whole && !item.includes('-')) return undefined;
    for (let value = first; value <= last; value += Number(step)) found.add(value);
  }
  return [...found].sort((one, other) => one - other);
}

function numberOf(text: string, { least, most, names = [] }: Field): number | undefined {
  const named = names.indexOf(text);
  const value = /^\d+$/.test(text) ? Number(text) : named;
  return (named >= 0 || /^\d+$/.test(text)) && value >= least && value <= most ? value : undefined;
}

/** Returns the field in systemd's notation: `*`, `0/15` or `01,15`. */
function written(values: readonly number[], { least, most }: Field): string {
  const [first = least, second = most + 1] = values;
  const step = second - first;
  const repeated = Array.from({ length: Math.floor((most - least) / step) + 1 }, (_, index) => least + index * step);
  const isRepeated = values.length > 2 && repeated.length === values.length && repeated.every((value, index) => value === values[index]);
  if (isRepeated) return step === 1 ? '*' : `${least}/${step}`;
  return values.map((value) => String(value).padStart(2, '0')).join(',');
}

/** Returns the weekdays in systemd's notation, `Mon,Tue`, or an empty text for every day. */
function weekdaysOf(values: readonly number[]): string {
  const numbers = [...new Set(values.map((value) => value % 7))].sort((one, other) => ((one + 6) % 7) - ((other + 6) % 7));
  if (numbers.length === 7) return '';
  return numbers.map((number) => `${days[number]?.replace(/^./, (letter) => letter.toUpperCase())}`).join(',');
}
