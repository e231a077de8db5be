import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bundled, filesFolder } from '../../src/bundled/files.ts';
import { template } from '../../src/bundled/template.ts';

vi.mock('../../src/bundled/files.ts', async (original) => {
  const real = await original<typeof import('../../src/bundled/files.ts')>();
  return { ...real, bundled: (path: string) => texts.get(path) ?? real.bundled(path) };
});

const texts = new Map<string, string>();
beforeAll(() => {
  texts.set('x.conf', 'a {{one}} b\n  {{many}}\nend {{secret:db}} {{one}}\n');
});
afterAll(() => texts.clear());

describe('template', () => {
  test.each([
    ['places are filled wherever they are', { one: 1, many: 'x' }, 'a 1 b\n  x\nend {{secret:db}} 1\n'],
    ['a place of its own line keeps its indent for every line', { one: '', many: 'x\n\ny' }, 'a  b\n  x\n\n  y\nend {{secret:db}} \n'],
    ['and goes with its line where it is empty', { one: '-', many: '' }, 'a - b\nend {{secret:db}} -\n'],
    [
      'a value is never taken for a pattern or a place',
      { one: '$& $1 {{many}}', many: '$`' },
      'a $& $1 {{many}} b\n  $`\nend {{secret:db}} $& $1 {{many}}\n',
    ],
  ])('%s', (_, values, expected) => {
    expect(template('x.conf', values)).toBe(expected);
  });

  test('a placeholder without a value, and a value without a placeholder, are mistakes', () => {
    expect(() => template('x.conf', { one: 1 })).toThrow('files/x.conf has the placeholder {{many}}');
    expect(() => template('x.conf', { one: 1, many: '', more: 2 })).toThrow('files/x.conf has no placeholder {{more}}');
  });
});

test('the bundled files are found from here', () => {
  expect(filesFolder).toMatch(/\/files$/);
  expect(bundled('run/lock.sh')).toContain('begin_run()');
});
