import { describe, expect, test } from 'vitest';
import { type LogFormat, lineParser } from '../../src/logs/lines.ts';

const parsed = (format: LogFormat, lines: readonly string[], hostOffset = 60) =>
  lines.map(lineParser(format, 'log', hostOffset)).map((line) => {
    if (line.kind === 'nothing') return '';
    if (line.kind === 'more') return `more ${line.text}`;
    const { at, source, level, text } = line.entry;
    return [at?.toISOString() ?? 'no time', source, level, text].join(' | ');
  });

describe('a line that begins with a time', () => {
  test.each([
    ['2026/11/30 23:53:19 [error] 1#1: *1 open() failed', '2026-11-30T22:53:19.000Z | log | error | [error] 1#1: *1 open() failed'],
    ['[30-Nov-2026 23:53:19 UTC] PHP Warning:  x', '2026-11-30T23:53:19.000Z | log | warning | PHP Warning:  x'],
    ['[30-Jul-2026 23:53:19 Europe/Paris] PHP Fatal error:  x', '2026-07-30T21:53:19.000Z | log | error | PHP Fatal error:  x'],
    ['[30-Nov-2026 23:53:19]  [pool foobar.com] pid 7', '2026-11-30T22:53:19.000Z | log | info | [pool foobar.com] pid 7'],
    ['[2026-11-30T23:53:19.123456+02:00] app.ERROR: x', '2026-11-30T21:53:19.123Z | log | error | app.ERROR: x'],
    ['[2026-11-30 23:53:19] production.WARNING: x', '2026-11-30T22:53:19.000Z | log | warning | production.WARNING: x'],
    ['2026-11-30T23:53:19Z INFO x', '2026-11-30T23:53:19.000Z | log | info | INFO x'],
    ['#0 /srv/www/foobar.com/current/index.php(3)', 'more #0 /srv/www/foobar.com/current/index.php(3)'],
    ['', ''],
  ])('%s', (line, entry) => {
    expect(parsed({ kind: 'timed' }, [line])).toEqual([entry]);
  });
});

test.each([
  [
    '198.18.0.5 - - [30/Nov/2026:23:53:19 +0100] "GET / HTTP/1.1" 200 5 "-" "x"',
    '22:53:19.000Z | log | info | 198.18.0.5 "GET / HTTP/1.1" 200 5 "-" "x"',
  ],
  ['::1 - bob [30/Nov/2026:23:53:19 +0000] "GET /x HTTP/1.1" 404 5', '23:53:19.000Z | log | warning | ::1 bob "GET /x HTTP/1.1" 404 5'],
  ['::1 - - [30/Nov/2026:23:53:19 +0000] "GET /x HTTP/1.1" 502 5', '23:53:19.000Z | log | error | ::1 "GET /x HTTP/1.1" 502 5'],
])('a request: %s', (line, entry) => {
  expect(parsed({ kind: 'access' }, [line])).toEqual([`2026-11-30T${entry}`]);
});

test('entries of the journal, including those that are not text, and none of other units', () => {
  const source = (unit: string) => (unit === 'a.service' ? 'a' : undefined);
  const entry = (fields: object) => JSON.stringify({ __REALTIME_TIMESTAMP: '1700000000000000', _SYSTEMD_UNIT: 'a.service', ...fields });
  expect(
    parsed({ kind: 'journal', source }, [
      entry({ MESSAGE: 'x', PRIORITY: '3' }),
      entry({ MESSAGE: [0x63, 0xc3, 0xa9, 0x1b], PRIORITY: '6' }),
      entry({ MESSAGE: 'Started a.', _SYSTEMD_UNIT: 'init.scope', UNIT: 'a.service' }),
      entry({ MESSAGE: 'x', _SYSTEMD_UNIT: 'b.service' }),
      'no JSON',
    ]),
  ).toEqual([
    '2023-11-14T22:13:20.000Z | a | error | x',
    '2023-11-14T22:13:20.000Z | a | info | cé\x1b',
    '2023-11-14T22:13:20.000Z | a | info | Started a.',
    '',
    '',
  ]);
});

test('slow queries of one account, with all lines of a statement', () => {
  const log = `# User@Host: foobar_com[foobar_com] @ localhost []
# Thread_id: 3  Schema: foobar_com  QC_hit: No
# Query_time: 3.25  Lock_time: 0.0
SET timestamp=1700000000;
SELECT 1
FROM x;
# User@Host: other[other] @ localhost []
# Query_time: 9  Lock_time: 0.0
SET timestamp=1700000001;
SELECT 2;`.split('\n');
  expect(parsed({ kind: 'slow queries', account: 'foobar_com' }, log).filter(Boolean)).toEqual([
    '2023-11-14T22:13:20.000Z | log | warning | 3.3 s: SELECT 1',
    'more FROM x;',
  ]);
});
