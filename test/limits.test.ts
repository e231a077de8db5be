import { describe, expect, test } from 'vitest';
import { Problem } from '../src/error.ts';
import { bodyText, type Limits, limitsOf, sizeOf, timesOf, type UserLimits } from '../src/limits.ts';
import { limitSettings, limitsOfSettings } from '../src/runtimes/php/limits.ts';

describe('the limits of a request', () => {
  test.each([
    ['256M', 256],
    ['2G', 2048],
    ['1025k', 2],
    ['104857600', 100],
    ['0', 0],
    ['-1', 0],
  ])('%s is %d MiB', (text, size) => {
    expect(sizeOf(text)).toBe(size);
  });

  test.each<readonly [UserLimits, Readonly<Record<string, string>>, Limits]>([
    [{}, {}, { body: 34, seconds: 60 }],
    [{ upload: '256M', seconds: 300 }, {}, { body: 258, seconds: 300 }],
    [{ seconds: 20 }, {}, { body: 34, seconds: 20 }],
    [{}, { upload_max_filesize: '100M' }, { body: 102, seconds: 60 }],
    [{}, { upload_max_filesize: '100M', post_max_size: '110M' }, { body: 110, seconds: 60 }],
    [{}, { post_max_size: '0' }, { body: 0, seconds: 60 }],
    [{}, { max_execution_time: '300' }, { body: 34, seconds: 300 }],
    // It counts only what PHP itself computes.
    [{}, { max_execution_time: '30' }, { body: 34, seconds: 60 }],
    [{}, { max_execution_time: '0' }, { body: 34, seconds: 3600 }],
    [{ upload: '1G' }, { post_max_size: '2G' }, { body: 2048, seconds: 60 }],
  ])('%j with php.settings of %j', (limits, settings, expected) => {
    expect(limitsOf(limits, limitsOfSettings({ ...limitSettings(limits, settings), ...settings }))).toEqual(expected);
  });

  test('PHP has them too', () => {
    expect(limitSettings({ upload: '256M', seconds: 300, memory: '512M' }, {})).toEqual({
      upload_max_filesize: '256M',
      post_max_size: '258M',
      max_execution_time: '300',
      memory_limit: '512M',
    });
  });

  test.each<readonly [UserLimits, Readonly<Record<string, string>>]>([
    [{ upload: '256M' }, { upload_max_filesize: '100M' }],
    [{ seconds: 300 }, { max_execution_time: '60' }],
    [{ memory: '512M' }, { memory_limit: '1G' }],
  ])('%j and php.settings of %j are refused, since they contradict each other', (limits, settings) => {
    expect(() => limitSettings(limits, settings)).toThrow(Problem);
  });

  test('the same said twice is fine', () => {
    expect(limitSettings({ memory: '1G' }, { memory_limit: '1024M' })).toEqual({ memory_limit: '1G' });
  });

  test('each layer waits for the one behind it', () => {
    expect(timesOf({ body: 0, seconds: 300 })).toEqual({ request: 300, wait: 305, stop: 630 });
    expect([bodyText({ body: 0, seconds: 1 }), bodyText({ body: 258, seconds: 1 })]).toEqual(['0', '258M']);
  });
});
