import { describe, expect, test } from 'vitest';
import { calendarOf } from '../../src/config-file/calendar.ts';

describe('a schedule', () => {
  // Each was given to `systemd-analyze calendar` as well.
  test.each([
    '*:0/5',
    'Mon..Fri 03:00',
    'Mon-Fri 03:00',
    'mon,wed 3:00',
    '*-*-1/2 00:00',
    '*-2-29',
    '2026-*-* 10:00:00.5',
    'daily UTC',
    '03:00 Europe/Berlin',
    '*-*~1',
    'Sat *-*-1..7 18:00',
    'Mon,Tue *-01-01/2 00/6:00',
    '*:00,05,10',
    'Mon',
    '1..3:00',
    '*-*-* *:*:*',
  ])('of systemd stays as it is: %s', (schedule) => {
    expect(calendarOf(schedule)).toEqual([schedule]);
  });

  test.each([
    ['* * * * *', ['*:*']],
    ['*/5 * * * *', ['*:0/5']],
    ['0 3 * * *', ['03:00']],
    ['0,30 8-10 * * *', ['08,09,10:00,30']],
    ['15 */6 * * 1-5', ['Mon,Tue,Wed,Thu,Fri 0/6:15']],
    ['0 0 * * 0', ['Sun 00:00']],
    ['0 0 * * 7', ['Sun 00:00']],
    ['0 4 * * sat,SUN', ['Sat,Sun 04:00']],
    ['5 4 1 jan *', ['*-01-01 04:05']],
    ['0 0 */2 * *', ['*-*-1/2 00:00']],
    ['0 0 1-10/3 * *', ['*-*-01,04,07,10 00:00']],
    ['0 0 * */3 *', ['*-1/3-* 00:00']],
    // Either of two restricted days is enough, and a field that begins with * is none that restricts.
    ['0 0 13 * 5', ['*-*-13 00:00', 'Fri 00:00']],
    ['0 0 */2 * 1', ['Mon *-*-1/2 00:00']],
    ['0 0 1 6 1', ['*-06-01 00:00', 'Mon *-06-* 00:00']],
    ['*/40 * * * *', ['*:00,40']],
    [' 0   3 * * * ', ['03:00']],
    ['@daily', ['00:00']],
    ['@weekly', ['Sun 00:00']],
    ['@hourly', ['*:00']],
  ])('of crontab is translated: %s', (schedule, calendar) => {
    expect(calendarOf(schedule)).toEqual(calendar);
  });

  test.each([
    'foo',
    '@reboot',
    '24:00',
    '*-13-01',
    '*:60',
    '5m',
    '10',
    'Mon.. 3:00',
    '08-15:00',
    '*:*/5',
    '5/10 * * * *',
    '60 * * * *',
    '* * * * 8',
    '* * 0 * *',
    '* * * *',
    '10-5 * * * *',
    '*/0 * * * *',
    'a b c d e',
    '',
  ])('that neither of them knows is refused: %s', (schedule) => {
    expect(calendarOf(schedule)).toBeUndefined();
  });
});
