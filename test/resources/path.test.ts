import { expect, test } from 'vitest';
import { checkPath } from '../../src/resources/path.ts';

test.each(['/etc/nginx/nginx.conf', '/srv/a b/ü', '/a/...', '/-x', "/it's"])('%j is a path', (path) => {
  expect(checkPath(path)).toBe(path);
});

test.each(['', 'etc', '/', '/etc/', '/etc//x', '/etc/../x', '/etc/.', '/./x', '/..', '/a\nb', '/a\tb', '/a\\b', '/a\0'])(
  '%j is not a path',
  (path) => {
    expect(() => checkPath(path)).toThrow(TypeError);
  },
);
