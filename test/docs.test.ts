import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pages } from '../scripts/docs/pages.ts';

const root = join(import.meta.dirname, '..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');

test.each(pages())('$path says what the code says; `npm run docs` writes it', ({ path, content }) => {
  expect(readFileSync(path, 'utf8')).toBe(content);
});

/** Those that every program knows, and the one by which the sandboxes of a test run are told apart. */
const ordinary = ['PATH', 'HOME', 'FOOBAR_SANDBOX_OWNER'];

test('every environment variable that the code reads is in docs/configuration.md', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const read = files.flatMap((path) =>
    [...text(`src/${path}`).matchAll(/\b(?:process\.env|environment|inherited)\.([A-Z][A-Z_]+)/g)].map(([, name = '']) => name),
  );
  const page = text('docs/configuration.md');
  expect([...new Set(read)].filter((name) => !ordinary.includes(name) && !page.includes(`\`${name}\``))).toEqual([]);
});

test('links between the pages lead to files that are there', () => {
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];
  const broken = pages.flatMap((page) =>
    [...text(page).matchAll(/\]\((?!https?:)([^)#]+)(#[^)]*)?\)/g)].flatMap(([, to = '']) => {
      const path = join(root, page, '..', to);
      try {
        readFileSync(path);
        return [];
      } catch {
        return [`${page}: ${to}`];
      }
    }),
  );
  expect(broken).toEqual([]);
});
