import { describe, expect, test } from 'vitest';
import { mysqlTimeZones, mysqlTimeZonesKind } from '../../src/resources/mysql-time-zones.ts';
import { changes } from './table.ts';

const load = { apply: 'load_time_zones', undo: ':' };

describe('the time zones of the database server', () => {
  test.each([
    ['if there is no server yet', '', [{ action: 'create', summary: 'load', ...load }]],
    ['if it knows none', 'zones\t0\t\ttzdata 2026a-1\n', [{ action: 'create', summary: 'load from tzdata 2026a-1', ...load }]],
    ['if its time zones are unknown', 'zones\t\t\ttzdata 2026a-1\n', [{ action: 'create', summary: 'load', basis: 'unread', ...load }]],
    ['if it has those of the package', 'zones\t486\ttzdata 2026a-1\ttzdata 2026a-1\n', []],
    ['if somebody else has loaded them', 'zones\t597\t\ttzdata 2026a-1\n', []],
    [
      'if the package is newer',
      'zones\t486\ttzdata 2026a-1\ttzdata 2026b-1 tzdata-legacy 2026b-1\n',
      [{ action: 'update', summary: 'tzdata 2026a-1 -> tzdata 2026b-1 tzdata-legacy 2026b-1', ...load }],
    ],
  ])('%s', (_, output, expected) => {
    expect(changes(mysqlTimeZonesKind, mysqlTimeZones(), output)).toEqual(expected);
  });
});
