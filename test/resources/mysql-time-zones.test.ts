import { describe, expect, test } from 'vitest';
import { mysqlTimeZones, mysqlTimeZonesKind } from '../../src/resources/mysql-time-zones.ts';
import { changes } from './table.ts';

const load = { apply: 'load_time_zones', undo: ':' };

describe('the time zones of the database server', () => {
  test.each([
    ['where there is no server yet', '', [{ action: 'create', summary: 'load', ...load }]],
    ['where it knows none', 'zones\t0\t\ttzdata 2026a-1\n', [{ action: 'create', summary: 'load from tzdata 2026a-1', ...load }]],
    ['where its time zones are unknown', 'zones\t\t\ttzdata 2026a-1\n', [{ action: 'create', summary: 'load', basis: 'unread', ...load }]],
    ['where it has the ones of the package', 'zones\t486\ttzdata 2026a-1\ttzdata 2026a-1\n', []],
    ['where its owner has loaded them', 'zones\t597\t\ttzdata 2026a-1\n', []],
    [
      'where the package is newer',
      'zones\t486\ttzdata 2026a-1\ttzdata 2026b-1 tzdata-legacy 2026b-1\n',
      [{ action: 'update', summary: 'tzdata 2026a-1 -> tzdata 2026b-1 tzdata-legacy 2026b-1', ...load }],
    ],
  ])('%s', (_, output, expected) => {
    expect(changes(mysqlTimeZonesKind, mysqlTimeZones(), output)).toEqual(expected);
  });
});
