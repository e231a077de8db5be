import { describe, expect, test } from 'vitest';
import { recognize } from '../../../src/application/detect.ts';

const json = (content: object) => ({ 'package.json': JSON.stringify(content) });
const started = (start: string, more: object = {}) => json({ scripts: { start }, ...more });
const server = "require('node:http').createServer((q, r) => r.end()).listen(process.env.PORT);";

/** The runtime, what starts it, and the folder that nginx serves. */
function found(files: Readonly<Record<string, string>>) {
  const { runtime, program, docroot } = recognize(Object.keys(files), (path) => files[path] ?? '');
  return [runtime, ...(program === undefined ? [] : [program]), docroot];
}

describe('a folder with a package.json', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'a server of Express',
      { ...started('node server.js', { dependencies: { express: '4' } }), 'server.js': '' },
      ['node', 'node server.js', '.'],
    ],
    [
      'one with files for visitors',
      { ...started('node ./bin/www', { dependencies: { express: '4' } }), 'bin/www': '', 'public/a.css': '' },
      ['node', 'node ./bin/www', 'public'],
    ],
    ['one of no framework', { ...started('node index.js'), 'index.js': server, 'index.html': '' }, ['node', 'node index.js', '.']],
    [
      'one that shows built pages',
      { ...started('node server.js', { dependencies: { fastify: '5' } }), 'server.js': '', 'dist/index.html': '', 'dist/a.js': '' },
      ['node', 'node server.js', 'dist'],
    ],
    [
      'one that is compiled beside its pages',
      { ...started('node dist/main.js', { dependencies: { '@nestjs/core': '10' } }), 'dist/index.html': '' },
      ['node', 'node dist/main.js', '.'],
    ],
    ['one with variables', started('NODE_ENV=production node a.js'), ['node', 'NODE_ENV=production node a.js', '.']],
    ['one started through cross-env', started('cross-env NODE_ENV=production node a.js'), ['node', 'NODE_ENV=production node a.js', '.']],
    [
      'one started by another script',
      json({ scripts: { start: 'npm run start:prod', 'start:prod': 'node dist/main' } }),
      ['node', 'node dist/main', '.'],
    ],
    ['scripts that start each other', json({ scripts: { start: 'npm run a', a: 'npm run start' } }), ['php', '.']],
    ['a server.js without a script', { ...json({}), 'server.js': server }, ['node', 'node server.js', '.']],
    ['a main file that is a server', { ...json({ main: './app.js' }), 'app.js': server }, ['node', 'node app.js', '.']],
    [
      'a main file that is a library',
      { ...json({ main: 'index.js' }), 'index.js': 'module.exports = 1', 'index.html': '' },
      ['static', '.'],
    ],
    [
      'Next.js',
      { ...started('next start', { dependencies: { next: '15' } }), '.next/BUILD_ID': '', 'public/a.svg': '' },
      ['node', 'next start', 'public'],
    ],
    ['Next.js that exports pages', { ...started('next start', { dependencies: { next: '15' } }), 'out/index.html': '' }, ['static', 'out']],
    [
      'Nuxt',
      { ...json({ dependencies: { nuxt: '3' } }), '.output/server/index.mjs': '', '.output/public/a.js': '' },
      ['node', 'node .output/server/index.mjs', '.output/public'],
    ],
    [
      'Nuxt that generates pages',
      { ...json({ dependencies: { nuxt: '3' } }), '.output/public/index.html': '' },
      ['static', '.output/public'],
    ],
    [
      'Astro with its Node.js adapter',
      { ...started('astro dev'), 'dist/server/entry.mjs': '', 'dist/client/a.css': '' },
      ['node', 'node dist/server/entry.mjs', 'dist/client'],
    ],
    ['Astro that builds pages', { ...started('astro dev'), 'dist/index.html': '' }, ['static', 'dist']],
    [
      'SvelteKit with its Node.js adapter',
      { ...json({}), 'build/handler.js': '', 'build/index.js': '', 'build/client/a.js': '' },
      ['node', 'node build', 'build/client'],
    ],
    [
      'Remix',
      { ...started('remix-serve ./build/server/index.js'), 'build/server/index.js': '', 'build/client/a.js': '' },
      ['node', 'remix-serve ./build/server/index.js', 'build/client'],
    ],
    ['pages of Vite', { ...started('vite'), 'dist/index.html': '', 'index.html': '' }, ['static', 'dist']],
    [
      'pages of Create React App',
      { ...started('react-scripts start'), 'build/index.html': '', 'public/index.html': '' },
      ['static', 'build'],
    ],
    ['pages of Eleventy', { ...started('eleventy --serve'), '_site/index.html': '' }, ['static', '_site']],
    [
      'pages that a script of its own builds',
      { ...started('node build.js'), 'build.js': 'write()', 'dist/index.html': '' },
      ['static', 'dist'],
    ],
    ['PHP with assets', { ...started('node build.js'), 'index.php': '', 'build.js': server }, ['php', '.']],
    [
      'Python with assets',
      { ...started('node server.js'), 'app.py': 'app = Flask()\n', 'static/a.css': '' },
      ['python', 'app:app', 'static'],
    ],
    ['what is no JSON', { 'package.json': '{', 'index.html': '' }, ['static', '.']],
  ])('%s', (_, files, expected) => {
    expect(found(files)).toEqual(expected);
  });

  test.each([
    ["app.get('/healthz', ok)", '/healthz'],
    ['app.get("/api/health", ok)', '/api/health'],
    ["app.get('/healthy-food', ok)", '/'],
  ])('whose server has %s is health-checked at %s', (text, expected) => {
    const files: Record<string, string> = { ...started('node server.js'), 'server.js': `${server} ${text}` };
    expect(recognize(Object.keys(files), (path) => files[path] ?? '').healthPath).toBe(expected);
  });

  test.each([
    ['node', 'node', 'public'],
    ['static', 'static', 'public'],
    ['command', 'command', 'public'],
  ] as const)('is served as %s if the configuration says so', (runtime, expected, docroot) => {
    const files: Record<string, string> = { 'package.json': '{}', 'public/index.html': '' };
    const recognized = recognize(Object.keys(files), (path) => files[path] ?? '', { runtime });
    expect([recognized.runtime, recognized.docroot]).toEqual([expected, docroot]);
    expect(recognized.rules.includes('!/node_modules/')).toBe(runtime !== 'static');
  });
});
