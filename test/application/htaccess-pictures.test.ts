import { expect, test } from 'vitest';
import { recognize } from '../../src/application/detect.ts';

test('names that a closed folder serves in any case are served', () => {
  const files: Readonly<Record<string, string>> = {
    'index.php': '',
    'img/.htaccess': 'Require all denied\n<Files ~ "(?i)^.*\\.(jpg|webp)$">\nRequire all granted\n</Files>\n',
  };
  const { denials } = recognize(Object.keys(files), (path) => files[path] ?? '').routing;
  const isDenied = (path: string) => denials.some(({ pattern }) => new RegExp(pattern).test(path));
  expect(
    ['/img/p/1.jpg', '/img/p/1.JPG', '/img/x.webp', '/img/x.txt', '/img/', '/img/x.jpg.php', '/img/x.php/a.jpg'].map(isDenied),
  ).toEqual([false, false, false, true, true, true, true]);
});
